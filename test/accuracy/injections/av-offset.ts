import { join } from 'node:path';
import type { DefectClass, Injected, InjectedEvent, InjectionContext } from '../injection.ts';
import type { Master } from '../master.ts';
import { encodeLive, type Piece } from '../piece.ts';
import { overlap } from '../spans.ts';
import type { Watched, WatchedIncident } from '../watching.ts';
import { drifting, shifted } from './av-offset/sound-shift.ts';

/** Offsets from here on, in seconds, are to be found. */
const leastOffset = 0.04;
/** What the detector is told to leave alone. */
const tolerance = '30ms';
const milliseconds = [
  -500, -320, -250, -160, -125, -80, -60, -45, -40, -20, 0, 20, 40, 45, 60, 80, 125, 160, 250, 320, 500,
];
/** Seconds of a case at most. */
const pieceSeconds = 30;
/** Seconds of a clip that must move, and that must sound. */
const leastUsable = 10;

/** Another encoding of the undamaged piece, and the piece with its sound moved. */
async function encodeBoth(
  piece: Piece,
  { random, directory }: InjectionContext,
  sound: string,
): Promise<Pick<Injected, 'path' | 'reference'>> {
  const path = join(directory, 'stream.ts');
  const reference = join(directory, 'reference.ts');
  const gop = random.pick([1, 2, 4]);
  await encodeLive(
    piece,
    { megabits: random.pick([0.6, 1, 2, 4, 6]), gop, sound, picture: '[0:v]scale=-2:288[v]' },
    path,
  );
  const soundCodec = random.pick([
    ['-c:a', 'aac', '-b:a', '192k'],
    ['-c:a', 'mp2', '-b:a', '192k', '-ac', '2'],
  ]);
  await encodeLive(
    piece,
    { megabits: random.pick([1, 2, 6]), gop: 2, soundCodec, picture: '[0:v]scale=-2:360[v]' },
    reference,
  );
  return { path, reference };
}

/** The clip without its repetition, in which each offset would fit as well as another. */
function onePass(master: Master, seconds: number): Piece {
  return { master, from: 0, seconds: Math.min(seconds, master.clip.duration) };
}

async function injectOffset(context: InjectionContext): Promise<Injected> {
  const piece = onePass(context.master, pieceSeconds);
  const offset = Number.parseInt(context.variant, 10) / 1000;
  const visible = Math.abs(offset) >= leastOffset;
  return {
    ...(await encodeBoth(piece, context, shifted(offset, piece.seconds))),
    seconds: piece.seconds,
    events: visible ? [{ span: [0, piece.seconds], visible, facts: { offset } }] : [],
    excluded: [],
  };
}

async function injectDrift(context: InjectionContext): Promise<Injected> {
  const piece = onePass(context.master, 60);
  const offset = Number.parseInt(context.variant, 10) / 1000;
  const from = (piece.seconds * leastOffset) / Math.abs(offset);
  return {
    ...(await encodeBoth(piece, context, drifting(offset, piece.seconds))),
    seconds: piece.seconds,
    events: [{ span: [from, piece.seconds], visible: true, facts: { offset } }],
    excluded: [],
  };
}

/** Whether there is enough that moves and sounds. */
function movesAndSounds(master: Master): boolean {
  if (!master.picture || !master.sound || !master.clip.natural) return false;
  const { still, silence } = master.clip.natural;
  const seconds = (spans: typeof still) =>
    spans.reduce((sum, span) => sum + overlap(span, [0, master.clip.duration]), 0) / master.clip.duration;
  return (
    (1 - seconds(still)) * master.clip.duration >= leastUsable &&
    (1 - seconds(silence)) * master.clip.duration >= leastUsable
  );
}

const agrees = ({ kind }: WatchedIncident, { facts }: InjectedEvent): boolean =>
  kind === (Number(facts?.offset) > 0 ? 'audio-early' : 'audio-late');

/** How far the last offset that was told is from the one at the end. */
function errorOf(
  _: WatchedIncident,
  { facts }: InjectedEvent,
  { measurements }: Watched,
): number | undefined {
  const last = measurements.findLast(({ name }) => name === 'av_offset_seconds');
  return last && 1000 * (last.value - Number(facts?.offset));
}

const common = {
  detector: 'av-sync',
  parameters: { toleranceEarly: tolerance, toleranceLate: tolerance },
  suits: movesAndSounds,
  withoutCoverage: true,
  agrees,
  error: { unit: 'ms', of: errorOf },
} as const;

export default [
  {
    ...common,
    name: 'A/V offset with reference',
    description: 'the sound is early or late by up to 500 ms',
    variants: milliseconds.map((offset) => `${offset} ms`),
    inject: injectOffset,
  },
  {
    ...common,
    name: 'A/V drift with reference',
    description: 'the sound drifts away from its picture',
    variants: ['-300 ms', '300 ms'],
    inject: injectDrift,
  },
] satisfies readonly DefectClass[];
