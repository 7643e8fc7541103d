import { join } from 'node:path';
import type { DefectClass, Injected, InjectionContext } from '../injection.ts';
import type { Master } from '../master.ts';
import { encodeLive, naturalIn, pieceOf, placeEvents } from '../piece.ts';
import type { Random } from '../random.ts';
import type { Span } from '../spans.ts';
import { held, onFrames } from './still-picture/holding.ts';
import { encodingOf, liveVariants } from './still-picture/live-variant.ts';
import { type Area, visiblyHeld } from './still-picture/visibility.ts';

interface Standing {
  /** Seconds from and to which an event lasts. */
  readonly lasts: Span;
  /** The part that stands; all of the picture where absent. */
  readonly area?: Area;
  /** Filters from `[held]` to `[v]` that draw what runs on over it. */
  readonly over?: (master: Master) => string;
}

/** Longer than incidents are merged over, and than a clip is looked at before a region may stand in it. */
const gap = 8;

async function inject(context: InjectionContext, { lasts, area, over }: Standing): Promise<Injected> {
  const { master, variant, random, directory } = context;
  const piece = pieceOf(master, random, 60);
  const rate = master.picture?.rate ?? 1;
  const spans = placeEvents(piece, random, { length: () => random.between(...lasts), gap, lead: 5 }).map(
    (span) => onFrames(span, rate),
  );
  const path = join(directory, 'still.ts');
  const part = area
    ? `[0:v]split[m][s];[s]${held(spans, rate)},${cropTo(area)}[p];[m][p]overlay=${at(area)}:shortest=1[held]`
    : `[0:v]${held(spans, rate)}[held]`;
  const drawn = over?.(master) ?? '[held]null[v]';
  await encodeLive(piece, { ...encodingOf(variant), picture: `${part};${drawn}` }, path);
  const visible = await visiblyHeld(
    piece,
    spans.map((span) => [span]),
    { levels: 4, share: 0.01, moving: 0.2 },
    area,
  );
  return {
    path,
    seconds: piece.seconds,
    events: spans.map((span, index) => ({ span, visible: visible[index] ?? false })),
    excluded: naturalIn(piece, 'still'),
  };
}

const cropTo = ({ left, top, width, height }: Area): string =>
  `crop=2*trunc(iw*${width}/2):2*trunc(ih*${height}/2):2*trunc(iw*${left}/2):2*trunc(ih*${top}/2)`;
const at = ({ left, top }: Area): string => `x=2*trunc(W*${left}/2):y=2*trunc(H*${top}/2)`;

/** A quarter of the picture and more, at one of its corners or in its middle. */
function someArea(random: Random): Area {
  const width = random.between(0.55, 0.85);
  const height = random.between(0.55, 0.85);
  return { left: random.between(0, 1 - width), top: random.between(0, 1 - height), width, height };
}

const even = (size: number): number => 2 * Math.round(size / 2);

/** A strip of small figures that runs through at the foot of the picture, a tenth of a picture's width a second. */
function ticker({ picture }: Master): string {
  const { width = 0, height = 0, rate = 1 } = picture ?? {};
  const strip = `cellauto=rule=110:s=${Math.ceil(width / 4)}x${Math.ceil(height / 64)}:r=${rate}`;
  return (
    `${strip},trim=end_frame=1,loop=-1:1:0,scale=${width}:${even(height / 16)}:flags=neighbor,` +
    `scroll=h=${(0.1 / rate).toFixed(5)},format=yuv420p[t];[held][t]overlay=y=H*0.88:shortest=1[v]`
  );
}

/** Two figures that count seconds, in a corner. */
function clock({ picture }: Master): string {
  const { height = 0, rate = 1 } = picture ?? {};
  const side = even(height / 14);
  return (
    `testsrc=s=320x240:r=${rate},trim=start=10,setpts=PTS-STARTPTS,crop=64:56:224:92,` +
    `scale=${side}:${side},format=yuv420p[t];[held][t]overlay=x=W*0.88:y=H*0.06:shortest=1[v]`
  );
}

const suits: DefectClass['suits'] = ({ picture }) => picture !== undefined;

export default [
  {
    name: 'freeze',
    description: 'the source stands still for 3 to 8 s and is encoded live, its sound goes on',
    detector: 'freeze',
    kinds: ['full'],
    variants: liveVariants,
    suits,
    inject: (context) => inject(context, { lasts: [3, 8] }),
  },
  {
    name: 'freeze under a clock',
    description: 'the source stands still for 12 to 15 s under a clock that runs on in a corner',
    detector: 'freeze',
    variants: liveVariants,
    suits,
    inject: (context) => inject(context, { lasts: [12, 15], over: clock }),
  },
  {
    name: 'freeze under a ticker',
    description:
      'the source stands still for 12 to 15 s under a ticker that runs on at the foot of the picture',
    detector: 'freeze',
    variants: liveVariants,
    suits,
    inject: (context) => inject(context, { lasts: [12, 15], over: ticker }),
  },
  {
    name: 'region freeze',
    description:
      'a part of the picture, 30 to 72 % of it, stands still for 12 to 15 s while the rest goes on',
    detector: 'freeze',
    variants: liveVariants,
    suits,
    inject: (context) => inject(context, { lasts: [12, 15], area: someArea(context.random) }),
  },
] satisfies readonly DefectClass[];
