import type { CleanClass } from '../injection.ts';
import type { Piece } from '../piece.ts';
import { hardPictures } from './making/hard-negative.ts';

/** Seconds from and to which what was inserted is shown. */
const from = 5;
const to = 19;
/** It has come to its end so many seconds after `from`, and stands from then on. */
const builtIn = 0.8;
const scrolledIn = 3;

const shown = `enable='between(t,${from},${to})'`;

interface Sizes {
  readonly width: number;
  readonly height: number;
  readonly rate: number;
  readonly seconds: number;
}

const sizes = ({ master: { picture }, seconds }: Piece): Sizes => ({
  width: picture?.width ?? 0,
  height: picture?.height ?? 0,
  rate: picture?.rate ?? 25,
  seconds,
});

const even = (size: number): number => 2 * Math.trunc(size / 2);

/** A card with a heading and lines, as a plain picture of its own. */
function card({ width, height, rate, seconds }: Sizes, share: number, name: string): string {
  const lines = ['Results of the day', 'North 12', 'South 31', 'East 7', 'West 25'].join('\n\n');
  return (
    `color=c=0x203870:s=${even(width * share)}x${even(height * 0.8)}:r=${rate}:d=${seconds},` +
    `drawtext=text='${lines}':fontsize=h/14:fontcolor=white:x=w/12:y=h/12,format=yuv420p[${name}]`
  );
}

/** Slides in from the left at an even speed. */
const slidesIn: Graph = (piece) =>
  `${card(sizes(piece), 0.5, 'c')};[0:v][c]overlay=x='min(W*0.04,W*0.04-w+w*(t-${from})/${builtIn})':y=H*0.1:${shown}[v]`;

/** Is uncovered from left to right. */
const wipesIn: Graph = (piece) =>
  `${card(sizes(piece), 0.5, 'c')};[0:v]split[a][b];[b][c]overlay=x=W*0.04:y=H*0.1[d];` +
  `[a][d]blend=all_expr='if(between(T,${from},${to})*lt(X,W*(T-${from})/${builtIn}),B,A)'[v]`;

/** Is faded in. */
const fadesIn: Graph = (piece) =>
  `${card(sizes(piece), 0.5, 'c')};[c]format=yuva420p,fade=t=in:st=${from}:d=${builtIn}:alpha=1[d];` +
  `[0:v][d]overlay=x=W*0.04:y=H*0.1:${shown},format=yuv420p[v]`;

/** A page that stands, is scrolled for some seconds and stands again, with the clip in a corner, as lessons are shown. */
const scrolls: Graph = (piece) => {
  const { width, height, rate, seconds } = sizes(piece);
  const text = Array.from({ length: 80 }, (_, line) => `Line ${line + 1} of what is to be read here`);
  return (
    `color=c=0xf0f0f0:s=${even(width)}x${even(height)}:r=${rate}:d=${seconds},` +
    `drawtext=text='${text.join('\n')}':fontsize=h/24:fontcolor=black:x=w/20:` +
    `y=h/20-h/6*clip(t-${from}\\,0\\,${scrolledIn}),format=yuv420p[p];` +
    `[0:v]scale=${even(width / 3)}:${even(height / 3)}[s];[p][s]overlay=x=W-w:y=H-h:shortest=1[v]`
  );
};

/** A cut to two boxes: the clip in one, a picture of it in the other. */
const photo: Graph = (piece) => {
  const { width, height, rate, seconds } = sizes(piece);
  const still = `select=eq(n\\,0),loop=${Math.round(rate * seconds) - 1}:1,setpts=N/${rate}/TB,fps=${rate}`;
  const box = `scale=${even(width * 0.46)}:${even(height * 0.7)}`;
  return (
    `[0:v]split=3[a][b][c];[b]${box}[l];[c]${still},${box}[r];` +
    `[a]drawbox=c=0x101040:t=fill:${shown}[d];[d][l]overlay=x=W*0.03:y=H*0.15:${shown}[e];` +
    `[e][r]overlay=x=W*0.51:y=H*0.15:${shown}:shortest=1[v]`
  );
};

/** A cut to a picture under a ticker that runs on. */
const photoUnderTicker: Graph = (piece) => {
  const { width, height, rate, seconds } = sizes(piece);
  const still = `select=eq(n\\,0),loop=${Math.round(rate * seconds) - 1}:1,setpts=N/${rate}/TB,fps=${rate}`;
  const words = 'Rain in the north, sun in the south - results of the day - traffic is slow on all roads';
  return (
    `[0:v]split[a][b];[b]${still},scale=${even(width)}:${even(height)},hflip[p];` +
    `[a][p]overlay=${shown}:shortest=1,drawbox=x=0:y=ih*0.9:w=iw:h=ih*0.1:c=navy:t=fill,` +
    `drawtext=text='${words}':fontsize=h/20:fontcolor=white:y=h*0.93:x=w-mod(t*w/8\\,w+tw)[v]`
  );
};

type Graph = (piece: Piece) => string;

export default [
  hardPictures({
    name: 'inserts',
    description: 'a card, a page or a picture comes in, and stands for 10 s and more beside or over the clip',
    variants: {
      'card slides in': { graph: slidesIn },
      'card wipes in': { graph: wipesIn },
      'card fades in': { graph: fadesIn },
      'page scrolls': { graph: scrolls },
      'photo beside': { graph: photo },
      'photo under a ticker': { graph: photoUnderTicker },
    },
  }),
] satisfies readonly CleanClass[];
