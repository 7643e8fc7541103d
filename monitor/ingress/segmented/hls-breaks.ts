import type { ParsedDateRange, ParsedSegment } from 'm3u8-parser';
import type { BreakNews, RelativeCue } from '../breaks/break-cue.ts';
import { spliceNews } from '../breaks/splice-cues.ts';
import { parseSpliceInfo } from '../breaks/splice-info.ts';
import type { Announcement } from './media-playlist.ts';

/**
 * Tags that packagers put where breaks begin, go on and end; in no RFC, but what players and ad inserters read. The
 * parser's own reading wants a colon behind each.
 */
export const cueTags = [
  { customType: 'cueIn', expression: /^#EXT-X-CUE-IN\b/, segment: true },
  { customType: 'cueOutCont', expression: /^#EXT-X-CUE-OUT-CONT\b/, segment: true },
  { customType: 'cueOut', expression: /^#EXT-X-CUE-OUT\b(?!-)/, segment: true },
] as const;

const cueOrigin = 'cue-out';
const rangeOrigin = 'daterange';

/** What the cue tags before a segment say, counted from its first picture. */
export function tagCues({ custom = {} }: ParsedSegment, sequence: number): RelativeCue[] {
  const { cueIn, cueOut, cueOutCont } = custom;
  const event = `${cueOrigin}/${sequence}`;
  const cues: RelativeCue[] = [];
  if (cueIn !== undefined) cues.push({ cue: 'in', event: cueOrigin, after: 0 });
  if (cueOut !== undefined) cues.push({ cue: 'out', event, after: 0, ...duration(tagDuration(cueOut)) });
  if (cueOutCont !== undefined) {
    const { elapsed, whole } = progress(cueOutCont);
    cues.push({ cue: 'under-way', event, after: 0 - elapsed, ...duration(whole) });
  }
  return cues;
}

/** `#EXT-X-CUE-OUT:30`, `#EXT-X-CUE-OUT:DURATION=30` or without. In seconds. */
function tagDuration(line: string): number | undefined {
  return seconds(/^[^:]*:\s*([\d.]+)\s*(?:,|$)/.exec(line)?.[1]) ?? attribute(line, 'DURATION');
}

/** `#EXT-X-CUE-OUT-CONT:8/30`, `…:8` or `…:ElapsedTime=8,Duration=30`. In seconds. */
function progress(line: string): { readonly elapsed: number; readonly whole: number | undefined } {
  const [, elapsed, whole] = /^[^:]*:\s*([\d.]+)(?:\/([\d.]+))?/.exec(line) ?? [];
  return {
    elapsed: seconds(elapsed) ?? attribute(line, 'ELAPSEDTIME') ?? 0,
    whole: seconds(whole) ?? attribute(line, 'DURATION'),
  };
}

function attribute(line: string, name: string): number | undefined {
  return seconds(new RegExp(`[:,]\\s*${name}="?([\\d.]+)`, 'i').exec(line)?.[1]);
}

function seconds(text: string | undefined): number | undefined {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * What date ranges with SCTE-35 attributes say (RFC 8216 §4.3.2.7.1), on the clock of EXT-X-PROGRAM-DATE-TIME in
 * seconds since 1970. The parser has merged the tags of one ID.
 */
export function rangeAnnouncements(ranges: readonly ParsedDateRange[]): Announcement[] {
  return ranges.flatMap((range) => {
    const at = range.startDate ? range.startDate.getTime() / 1000 : Number.NaN;
    const news = rangeNews(range);
    return Number.isNaN(at) || news.length === 0 ? [] : [{ at, news }];
  });
}

function rangeNews({ id, scte35Out, scte35In, scte35Cmd, ...range }: ParsedDateRange): BreakNews[] {
  const known = rangeSeconds(range);
  const event = `${rangeOrigin}/${id}`;
  if (scte35Out !== undefined) {
    const told = known ?? range.plannedDuration ?? messageDuration(scte35Out);
    return [{ cue: 'out', event, ...duration(told) }];
  }
  if (scte35In !== undefined) {
    return known === undefined
      ? [{ cue: 'in', event: rangeOrigin }]
      : [{ cue: 'out', event, duration: known }];
  }
  if (scte35Cmd === undefined) return [];
  const told = known ?? range.plannedDuration;
  return messageNews(scte35Cmd).map((news) => (news.cue === 'out' ? { ...duration(told), ...news } : news));
}

/** How long a range is, once that is known; not as it was planned. */
function rangeSeconds({ startDate, endDate, duration: given }: ParsedDateRange): number | undefined {
  if (given !== undefined && Number.isFinite(given)) return given;
  const lasting = startDate && endDate ? (endDate.getTime() - startDate.getTime()) / 1000 : Number.NaN;
  return Number.isFinite(lasting) ? lasting : undefined;
}

/** News of a message in hexadecimal digits. */
function messageNews(digits: string): readonly BreakNews[] {
  return spliceNews(parseSpliceInfo(Buffer.from(digits.replace(/^0x/i, ''), 'hex'))).news;
}

function messageDuration(digits: string): number | undefined {
  return messageNews(digits).flatMap((news) => (news.cue === 'out' ? (news.duration ?? []) : []))[0];
}

function duration(told: number | undefined): { readonly duration?: number } {
  return told === undefined || !Number.isFinite(told) ? {} : { duration: told };
}
