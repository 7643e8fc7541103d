import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefectClass, Injected, InjectedEvent, InjectionContext } from '../injection.ts';
import { encodeLive, pieceOf, placeEvents } from '../piece.ts';
import type { Span } from '../spans.ts';
import { type DamagedFrame, damagedFrames, visibleSpans } from '../visible-damage.ts';
import { type Damage, flipBits, loseAtRandom, loseInBursts, without } from './transport/damage.ts';
import { videoPackets } from './transport/video-packets.ts';

const encoders: Readonly<Record<string, readonly string[]>> = {
  'H.264': [],
  HEVC: ['-c:v', 'libx265', '-x265-params', 'log-level=error'],
  'MPEG-2': ['-c:v', 'mpeg2video'],
};

/** Pictures are damaged up to so many seconds before the time at which the damage is decoded: they are reordered. */
const reordering = 0.5;

async function inject(
  { master, variant, random, directory }: InjectionContext,
  damage: Damage,
): Promise<Injected> {
  const [codec = '', megabits = ''] = variant.split(', ');
  const gop = random.pick([1, 2, 10]);
  const piece = pieceOf(master, random, 60);
  const path = join(directory, 'damaged.ts');
  const clean = join(directory, 'clean.ts');
  const bidirectional = random.pick([true, false]);
  await encodeLive(
    piece,
    {
      ...{ megabits: Number.parseFloat(megabits), gop },
      output: [...(encoders[codec] ?? []), ...(bidirectional ? [] : ['-bf', '0'])],
    },
    clean,
  );
  const stream = await readFile(clean);
  const packets = videoPackets(stream);
  // What is damaged lasts up to the next key frame.
  const spans = placeEvents(piece, random, { length: () => random.between(0.5, 3), gap: 7 + gop, lead: 4 });
  const lost = new Set<number>();
  for (const [from, to] of spans) {
    const within = packets.filter(({ time }) => time >= from && time < to);
    if (within.length > 0) damage(within, { stream, lost, random });
  }
  await writeFile(path, without(stream, lost));
  const interval = 1 / (master.picture?.rate ?? 25);
  const frames = await damagedFrames(path, clean, interval);
  const { seconds } = piece;
  return {
    ...{ path, seconds, excluded: [] },
    events: spans.flatMap((span, index) =>
      eventsOf(span, { frames, interval, gop, until: spans[index + 1]?.[0] ?? seconds + gop }),
    ),
  };
}

/** What comes of the damage done within a span, before the next is done at `until`. */
function eventsOf(
  [from, to]: Span,
  {
    frames,
    interval,
    gop,
    until,
  }: { frames: readonly DamagedFrame[]; interval: number; gop: number; until: number },
): InjectedEvent[] {
  const own = frames.filter(({ time }) => time >= from - reordering && time < until - reordering);
  const visible = visibleSpans(own, interval);
  if (visible.length === 0) return [{ span: [from, to + gop], visible: false }];
  return visible.map((span) => ({ span, visible: true }));
}

const shared = {
  detector: 'block-corruption',
  variants: ['H.264, 0.6 Mb/s', 'H.264, 2 Mb/s', 'H.264, 6 Mb/s', 'HEVC, 2 Mb/s', 'MPEG-2, 4 Mb/s'],
  suits: ({ picture }) => picture !== undefined,
} satisfies Partial<DefectClass>;

export default [
  {
    ...shared,
    name: 'lost packets, random',
    description: '0.1 to 5 % of the packets of the picture are lost for 0.5 to 3 s, each by itself',
    inject: (context) => inject(context, loseAtRandom),
  },
  {
    ...shared,
    name: 'lost packets, bursts',
    // Of two to five events: how much of them is seen differs from run to run, as the decoder's threads conceal them.
    floor: { recall: 0.5, precision: 0.75 },
    description: '0.1 to 5 % of the packets of the picture are lost for 0.5 to 3 s, in runs of 3 to 20',
    inject: (context) => inject(context, loseInBursts),
  },
  {
    ...shared,
    name: 'bit errors',
    description: 'one bit in 10,000 to 1,000,000 of the picture is wrong for 0.5 to 3 s',
    inject: (context) => inject(context, flipBits),
  },
] satisfies readonly DefectClass[];
