import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
export const streammonitor = join(root, 'bin/streammonitor');

/** Detectors that every ratio is about; the small set is without the one that needs frames of full size. */
export const benchSet: readonly string[] = [
  ...['freeze', 'black', 'block-corruption', 'stall', 'silence', 'clipping', 'loudness'],
];
export const smallSet = benchSet.filter((detector) => detector !== 'block-corruption');
/** What the distributed baseline runs, each in a process of its own. */
export const pictureSet = ['freeze', 'black', 'block-corruption'] as const;

const audioFilters =
  'silencedetect,astats=metadata=1:reset=1,ebur128=peak=true:metadata=1,ametadata=print:file=/dev/null';
const nativeVideoFilters = {
  full: 'freezedetect,blackdetect,blockdetect,metadata=print:file=/dev/null',
  small: 'freezedetect,blackdetect,metadata=print:file=/dev/null',
};

/** Decoding with one thread and nothing else: the limit. */
export function decodeCommand(file: string): readonly string[] {
  return ['ffmpeg', '-nostdin', '-v', 'error', '-threads', '1', '-i', file, '-f', 'null', '-'];
}

/** ffmpeg's own filters for the same set, as a user would pick them instead. */
export function nativeCommand(file: string, set: keyof typeof nativeVideoFilters): readonly string[] {
  return [
    ...['ffmpeg', '-nostdin', '-v', 'error', '-threads', '1', '-filter_threads', '1', '-i', file],
    ...['-vf', nativeVideoFilters[set], '-af', audioFilters, '-f', 'null', '-'],
  ];
}

export function watchCommand(file: string, detectors: readonly string[]): readonly string[] {
  return [streammonitor, 'probe', file, '--json', '--detectors', detectors.join(',')];
}

/** Exit codes of `probe` that mean it watched the file to its end: without and with defects. */
export const watched = [0, 1];
