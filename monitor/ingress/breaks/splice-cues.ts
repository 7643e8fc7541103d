import type { BreakNews } from './break-cue.ts';
import type { Segmentation, SpliceInfo } from './splice-info.ts';

/**
 * Types of segmentation that begin a break (ANSI/SCTE 35 table 23): break, advertisements, placement opportunities,
 * promos and ad blocks. Overlays leave the picture as it is, and chapters and programmes are none. Each ends with the
 * type that follows it.
 */
const breakTypes: ReadonlySet<number> = new Set([0x22, 0x30, 0x32, 0x34, 0x36, 0x3c, 0x3e, 0x44, 0x46]);
const origins = { insert: 'insert', segmentation: 'segmentation' } as const;

/** News of breaks in a splice_info_section, each at `time` (PTS in seconds), or at once. */
export interface SpliceNews {
  readonly time?: number;
  readonly news: readonly BreakNews[];
}

/** What a splice_info_section says of breaks; nothing where it says none. */
export function spliceNews(info: SpliceInfo): SpliceNews {
  if (info.command === 'splice-insert') {
    const { event, cancelled, out, duration, time } = info;
    const name = `${origins.insert}/${event}`;
    // The return is often an event of its own number: whoever is back on the network is in no break.
    const news: BreakNews = cancelled
      ? { cue: 'cancel', event: name }
      : out
        ? { cue: 'out', event: name, ...(duration !== undefined && { duration }) }
        : { cue: 'in', event: origins.insert };
    return { news: [news], ...(time !== undefined && { time }) };
  }
  if (info.command !== 'time-signal') return { news: [] };
  const news = info.segmentations.flatMap(segmentationNews);
  return { news, ...(info.time !== undefined && { time: info.time }) };
}

function segmentationNews({ event, cancelled, type, duration }: Segmentation): BreakNews[] {
  const name = `${origins.segmentation}/${event}`;
  if (cancelled) return [{ cue: 'cancel', event: name }];
  if (breakTypes.has(type))
    return [{ cue: 'out', event: `${name}/${type}`, ...(duration !== undefined && { duration }) }];
  return breakTypes.has(type - 1) ? [{ cue: 'in', event: `${name}/${type - 1}` }] : [];
}
