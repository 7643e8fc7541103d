import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefectClass, Injected, InjectedEvent, InjectionContext } from '../injection.ts';
import { encodeLive, pieceOf, placeEvents } from '../piece.ts';
import type { Span } from '../spans.ts';
import { type DamagedFrame, damagedFrames } from '../visible-damage.ts';
import { concealments, encodeAgain, encoders } from './burned-in/upstream.ts';
import { flipBits, loseAtRandom, loseInBursts, without } from './transport/damage.ts';
import { videoPackets } from './transport/video-packets.ts';

/** Damage can show in pictures so many seconds before the time at which it is decoded: they are reordered. */
const reordering = 0.3;
/** Damage in fewer pictures of an event is less than what two encodings of one picture can differ by. */
const fewestPictures = 3;

async function inject({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const [codec = '', megabits = ''] = variant.split(', ');
  const { sound: _, ...silent } = master;
  const piece = pieceOf(silent, random, 45);
  const rate = master.picture?.rate ?? 25;
  const gop = random.pick([1, 2]);
  const upstream = join(directory, 'upstream.ts');
  const encoder = random.pick(encoders[codec] ?? []);
  const bidirectional = random.chance(0.5) ? [] : ['-bf', '0'];
  await encodeLive(
    piece,
    { megabits: random.pick([2, 4, 6]), gop, output: [...encoder, ...bidirectional] },
    upstream,
  );
  const stream = await readFile(upstream);
  const packets = videoPackets(stream);
  const spans = placeEvents(piece, random, { length: () => random.between(0.5, 3), gap: 7 + gop, lead: 4 });
  const damage = random.pick([loseAtRandom, loseInBursts, flipBits]);
  const lost = new Set<number>();
  for (const [from, to] of spans) {
    const within = packets.filter(({ time }) => time >= from && time < to);
    if (within.length > 0) damage(within, { stream, lost, random });
  }
  const received = join(directory, 'received.ts');
  await writeFile(received, without(stream, lost));
  const paths = { damaged: join(directory, 'damaged.ts'), clean: join(directory, 'clean.ts') };
  const encoding = {
    ...{ decoder: random.pick(concealments), megabits: Number.parseFloat(megabits), rate },
    gop: random.pick([1, 2, 4]),
  };
  const decoded = await encodeAgain(received, encoding, paths.damaged);
  await encodeAgain(upstream, encoding, paths.clean);
  const interval = 1 / rate;
  const frames = (await damagedFrames(paths.damaged, paths.clean, interval)).filter(({ time }) =>
    decoded.some((own) => Math.abs(own - time) < 0.6 * interval),
  );
  return {
    ...{ path: paths.damaged, seconds: piece.seconds, excluded: [] },
    events: spans.map((span) => eventOf(span, frames, gop, interval)),
  };
}

/** What comes of the damage done within a span: it lasts up to the next key frame at most. */
function eventOf(
  [from, to]: Span,
  all: readonly DamagedFrame[],
  gop: number,
  interval: number,
): InjectedEvent {
  const frames = all.filter(({ time }) => time >= from - reordering && time <= to + gop + reordering);
  const [first, last] = [frames[0], frames.at(-1)];
  if (!first || !last || frames.length < fewestPictures) return { span: [from, to + gop], visible: false };
  return { span: [first.time, last.time + interval], visible: true };
}

export default [
  {
    name: 'burned-in corruption',
    description:
      'packets of the picture are lost or wrong for 0.5 to 3 s, it is decoded with concealment, and encoded live again',
    detector: 'block-corruption',
    parameters: { burnedIn: true },
    variants: ['H.264, 2 Mb/s', 'H.264, 0.6 Mb/s', 'H.264, 6 Mb/s', 'MPEG-2, 2 Mb/s', 'HEVC, 2 Mb/s'],
    suits: ({ picture }) => picture !== undefined,
    inject,
  },
] satisfies readonly DefectClass[];
