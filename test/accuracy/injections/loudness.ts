import type { DefectClass, Injected, InjectedEvent, InjectionContext } from '../injection.ts';
import { pieceOf, placeEvents } from '../piece.ts';
import { channelIn, decibels, type PieceSound, powerIn, soundOf, sounds } from '../piece-sound.ts';
import type { Span } from '../spans.ts';
import type { Watched, WatchedIncident } from '../watching.ts';
import { loudnessOf, truePeaks } from './loudness/meter.ts';
import { codecNames, during, encodeSound, withCodecs } from './sound/codecs.ts';

/** LUFS of EBU R 128, and LU that the detector lets a programme be off by. */
const target = -23;
const tolerance = 2;
/** Two meters differ by so many LU, so that nobody can say on which side of the limit a programme lies. */
const doubt = 0.2;
/**
 * Seconds of a programme, and those after which its gated loudness is known: a minute of sound above the gate. It must be
 * off for ten seconds then.
 */
const programmeSeconds = 120;
const knownAfter = 75;

/** A programme that is so many LU off, on the whole; that of the variant `0 LU` is as it should be. */
async function injectProgramme(context: InjectionContext): Promise<Injected> {
  const { master, variant, random, directory } = context;
  const piece = pieceOf(master, random, 60);
  const long = `aloop=loop=-1:size=${Math.floor(piece.seconds * 48_000)},atrim=end=${programmeSeconds}`;
  const gain = target + Number.parseFloat(variant) - (await loudnessOf(master.path, piece));
  // Peaks are kept below full scale: nothing but loudness is to be wrong.
  const filter = `${long},volume=${gain.toFixed(2)}dB,alimiter=limit=0.85:level=false`;
  const path = await encodeSound(piece, filter, variant, directory);
  const loudness = await loudnessOf(path);
  const off = loudness - target;
  const event: InjectedEvent = {
    span: [knownAfter, programmeSeconds],
    visible: Math.abs(off) > tolerance + doubt,
    facts: { kind: off > 0 ? 'too-loud' : 'too-quiet', loudness },
  };
  return {
    ...{ path, seconds: programmeSeconds, excluded: [] },
    events: Math.abs(off) > tolerance - doubt ? [event] : [],
  };
}

/** dBTP that the detector allows for, and dB by which two meters differ. */
const peakLimit = -1;
const peakDoubt = 0.4;

/** The sound stays below −6 dBFS but for a few seconds in which it reaches −0.3 dBFS and, between the samples, more. */
async function injectPeaks({ master, variant, random, directory }: InjectionContext): Promise<Injected> {
  const piece = pieceOf(master, random, 60);
  const spans = placeEvents(piece, random, { length: () => random.between(2, 4), gap: 7, lead: 3 });
  const sound = await soundOf(piece);
  const rest = 10 ** (-6 / 20) / peakIn(sound, [0, piece.seconds]);
  const raised = spans.map((span) => {
    const gain = 10 ** (-0.3 / 20) / (rest * peakIn(sound, span));
    return `volume=${gain.toFixed(4)}:enable='${during([span])}'`;
  });
  const filter = ['aformat=sample_fmts=flt', `volume=${rest.toFixed(4)}`, ...raised].join(',');
  const path = await encodeSound(piece, filter, variant, directory);
  const peaks = await truePeaks(path);
  const within = ([from, to]: Span) => peaks.filter(({ time }) => time >= from - 0.2 && time <= to + 0.2);
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span) => ({
      span,
      visible:
        decibels(powerIn(sound, span)) > -50 &&
        within(span).some(({ level }) => level > peakLimit + peakDoubt),
    })),
    // What an encoder makes of loud sound may be too high elsewhere.
    excluded: peaks
      .filter(({ level }) => level > peakLimit - peakDoubt)
      .map(({ time }): Span => [time - 0.5, time + 0.5]),
  };
}

function peakIn(sound: PieceSound, span: Span): number {
  let peak = 1e-3;
  for (let channel = 0; channel < sound.channels; channel++)
    for (const sample of channelIn(sound, channel, span)) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

const isRight = ({ kind }: WatchedIncident, { facts }: InjectedEvent): boolean => kind === facts?.kind;

/** How far the last reading is from that of ffmpeg's meter, over the whole file. */
function errorOf(
  _: WatchedIncident,
  { facts }: InjectedEvent,
  { measurements }: Watched,
): number | undefined {
  const last = measurements.findLast((own) => own.name === 'loudness_lufs' && own.window === 'integrated');
  return last && last.value - Number(facts?.loudness);
}

export default [
  {
    name: 'programme loudness',
    floor: { recall: 1, precision: 1 },
    description:
      'a programme of two minutes is up to 8 LU louder or quieter than −23 LUFS, or as it should be',
    detector: 'loudness',
    kinds: ['too-loud', 'too-quiet'],
    variants: withCodecs(
      ['-8 LU', '-4 LU', '-2.5 LU', '-1 LU', '0 LU', '1 LU', '2.5 LU', '4 LU'],
      ['AAC 128k', 'MP2 192k', 'AC-3 192k'],
    ),
    suits: sounds,
    inject: injectProgramme,
    withoutCoverage: true,
    agrees: isRight,
    error: { unit: 'LU', of: errorOf },
  },
  {
    name: 'true peak',
    description:
      'the sound reaches −0.3 dBFS for 2 to 4 s, and more between the samples, before it is encoded',
    detector: 'loudness',
    kinds: ['true-peak'],
    variants: codecNames,
    floor: { recall: 1, precision: 1 },
    suits: sounds,
    inject: injectPeaks,
    withoutCoverage: true,
  },
] satisfies readonly DefectClass[];
