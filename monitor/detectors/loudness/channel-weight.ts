/**
 * Weight of a channel in the sum (ITU-R BS.1770-4, tables 3 and 4): 1.41 for the surround channels, whose
 * loudspeakers stand between 60° and 120°, none for LFE. The back channels of 7.1 stand behind that.
 */
export function channelWeight(name: string, layout: readonly string[]): number {
  if (name.startsWith('LFE')) return 0;
  if (name === 'SL' || name === 'SR') return 1.41;
  if (name === 'BL' || name === 'BR') return layout.includes('SL') ? 1 : 1.41;
  return 1;
}
