import type { CleanClass } from '../injection.ts';
import { naturalIn, type Piece } from '../piece.ts';
import type { DetectorType } from '../watching.ts';
import { hardPictures } from './making/hard-negative.ts';

/** Seconds by which labels may be off. */
const slack = 0.5;

/** The first picture of the piece, shown all the time. */
function held({ master, seconds }: Piece): string {
  const rate = master.picture?.rate ?? 25;
  return `[0:v]select=eq(n\\,0),loop=${Math.round(rate * seconds) - 1}:1,setpts=N/${rate}/TB,fps=${rate}`;
}

/** Where the clip is black, there is nothing to see in one of its pictures. */
const blank = (piece: Piece): readonly DetectorType[] =>
  naturalIn(piece, 'black').some(([from]) => from <= slack) ? ['black', 'flat', 'freeze'] : [];

/** Moved over a picture below the size of a sample, as an editor does; `move` is a share of the width a second. */
function moved(piece: Piece, { zoom = 0, pan = 0 }): string {
  const frames = piece.master.picture?.rate ?? 25;
  const [inwards, along] = [`(0.05+${zoom / frames}*in)`, `(${pan / frames}*in)`];
  const side = (size: string, near: string, far: string) => [`${size}*${near}`, `${size}*(1-${far})`];
  const [left, right] = side('W', `(${inwards}+${along})`, `(${inwards}+0.3-${along}-0.3)`);
  const [top, bottom] = side('H', inwards, inwards);
  return (
    `${held(piece)},perspective=x0='${left}':y0='${top}':x1='${right}':y1='${top}':x2='${left}':y2='${bottom}':` +
    `x3='${right}':y3='${bottom}':eval=frame[v]`
  );
}

const grain = (strength: number): string => `[0:v]noise=alls=${strength}:allf=t[v]`;

export default [
  hardPictures({
    name: 'still shots',
    description: 'one picture of the clip, with the noise of a sensor, or in slow motion over it',
    variants: {
      'with noise': {
        graph: (piece) => `${held(piece)},noise=alls=7:allf=t[v]`,
        megabits: 6,
        doubtful: blank,
      },
      'with strong noise': {
        graph: (piece) => `${held(piece)},noise=alls=20:allf=t[v]`,
        megabits: 6,
        doubtful: blank,
      },
      // It stands still: nobody can say whether it should.
      'without noise': {
        graph: (piece) => `${held(piece)}[v]`,
        doubtful: (piece) => ['freeze', 'stutter', ...blank(piece)],
      },
      'slow zoom': { graph: (piece) => moved(piece, { zoom: 0.01 }), megabits: 3, doubtful: blank },
      'slow pan': { graph: (piece) => moved(piece, { pan: 0.01 }), megabits: 3, doubtful: blank },
    },
  }),
  hardPictures({
    name: 'grain',
    description: 'noise is added to every picture',
    variants: { weak: { graph: () => grain(6) }, strong: { graph: () => grain(24) } },
  }),
] satisfies readonly CleanClass[];
