import type { CleanClass } from '../injection.ts';
import type { Piece } from '../piece.ts';
import type { Random } from '../random.ts';
import { hardPictures } from './making/hard-negative.ts';

const closeUp = 'hflip,crop=2*trunc(iw/4):2*trunc(ih/4):iw/4:ih/8,scale=2*iw:2*ih';

/** To black and back again, every eight seconds. */
function fades({ seconds }: Piece): string {
  const filters: string[] = [];
  for (let start = 3; start + 3 < seconds; start += 8) {
    const black = start + 1.2;
    const window = (from: number, to: number) => `enable='between(t,${from},${to})'`;
    filters.push(`fade=t=out:st=${start}:d=1:${window(start, black)}`);
    filters.push(`fade=t=in:st=${black}:d=1:${window(black, black + 1)}`);
  }
  return `[0:v]${filters.join(',') || 'null'}[v]`;
}

/** Lit up for a picture or two, some twenty times in groups. */
function photographers({ master, seconds }: Piece, random: Random): string {
  const frame = 1 / (master.picture?.rate ?? 25);
  const flashes = Array.from({ length: 20 }, () => random.between(1, seconds - 1)).map(
    (time) => `between(t,${time.toFixed(3)},${(time + frame * random.between(0.6, 1.9)).toFixed(3)})`,
  );
  return `[0:v]eq=brightness=0.45:enable='${flashes.join('+')}'[v]`;
}

export default [
  hardPictures({
    name: 'light and cuts',
    description: 'cuts every second, fades, flashes, a strobe, or darkness',
    variants: {
      cuts: {
        graph: () =>
          `[0:v]split[a][b];[b]${closeUp}[c];[a][c]overlay=0:0:enable='mod(floor(t),2)',crop=2*trunc(iw/2):2*trunc(ih/2)[v]`,
      },
      fades: { graph: fades },
      photographers: { graph: photographers },
      strobe: {
        graph: () => "[0:v]eq=brightness=-0.4:enable='lt(mod(t,0.16),0.08)*between(mod(t,10),2,8)'[v]",
      },
      dark: { graph: () => '[0:v]eq=gamma=0.35:brightness=-0.04[v]' },
    },
  }),
] satisfies readonly CleanClass[];
