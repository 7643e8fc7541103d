import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import { encodeLive, pieceOf, placeEvents } from '../piece.ts';
import { overlap, type Span } from '../spans.ts';

/** A segment as the playlist lists it. */
interface Segment {
  readonly name: string;
  /** Its line before, with the duration. */
  readonly information: string;
  readonly span: Span;
}

/** What the playlist has in place of a segment that is missing, where it has something. */
type Entry = (segment: Segment) => string[];

const listed: Entry = ({ information, name }) => [information, name];

/** Leaves one or two segments in a row out of a playlist, and out of its folder. */
async function inject(
  { master, variant, random, directory }: InjectionContext,
  missing: Entry,
): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const seconds = random.pick([2, 4]);
  const path = join(directory, 'playlist.m3u8');
  await encodeLive(
    piece,
    {
      ...{ megabits: random.pick([0.6, 2, 6]), gop: random.pick([1, 2]) },
      output: [
        ...['-f', 'hls', '-hls_time', String(seconds), '-hls_list_size', '0'],
        ...['-hls_segment_type', variant === 'MPEG-TS' ? 'mpegts' : 'fmp4'],
      ],
    },
    path,
  );
  const { head, segments, tail } = readPlaylist(await readFile(path, 'utf8'));
  const wanted = placeEvents(piece, random, { length: () => seconds * random.whole(1, 2), gap: 9 });
  const lines: string[] = [...head];
  const spans: Span[] = [];
  let before = false;
  for (const segment of segments) {
    // Those of which the larger part lies in a span.
    const is = wanted.some((span) => overlap(span, segment.span) > seconds / 2);
    const last = spans.at(-1);
    if (is && before && last) spans[spans.length - 1] = [last[0], segment.span[1]];
    else if (is) spans.push(segment.span);
    if (is) await rm(join(directory, segment.name));
    lines.push(...(is ? missing : listed)(segment));
    before = is;
  }
  await writeFile(path, [...lines, ...tail].join('\n'));
  return {
    ...{ path, seconds: piece.seconds, excluded: [] },
    events: spans.map((span) => ({ span, visible: true })),
  };
}

function readPlaylist(text: string): {
  readonly head: readonly string[];
  readonly segments: readonly Segment[];
  readonly tail: readonly string[];
} {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('#EXTINF'));
  const end = lines.indexOf('#EXT-X-ENDLIST');
  const segments: Segment[] = [];
  let start = 0;
  for (let at = first; at + 1 < end; at += 2) {
    const information = lines[at] ?? '';
    const length = Number.parseFloat(information.slice('#EXTINF:'.length));
    segments.push({ name: lines[at + 1] ?? '', information, span: [start, start + length] });
    start += length;
  }
  return { head: lines.slice(0, first), segments, tail: lines.slice(end) };
}

const shared = {
  variants: ['MPEG-TS', 'fMP4'],
  suits: ({ picture }) => picture !== undefined,
} satisfies Partial<DefectClass>;

export default [
  {
    ...shared,
    name: 'missing segments, left out',
    floor: { recall: 1, precision: 1 },
    description: 'one or two segments of 2 or 4 s are not in the HLS playlist: the timestamps skip',
    detector: 'stall',
    inject: (context) => inject(context, () => []),
  },
  {
    ...shared,
    name: 'missing segments, gap tags',
    description: 'one or two segments are declared to be missing (EXT-X-GAP)',
    detector: 'playlist',
    kinds: ['gap'],
    inject: (context) => inject(context, (segment) => ['#EXT-X-GAP', ...listed(segment)]),
  },
  {
    ...shared,
    name: 'missing segments, not there',
    description: 'one or two segments are in the HLS playlist but cannot be had',
    detector: 'playlist',
    kinds: ['missing-segment'],
    inject: (context) => inject(context, listed),
  },
] satisfies readonly DefectClass[];
