import type { LiveEncoding } from '../../piece.ts';

const bitRates = [0.6, 1, 2, 4, 6];
const gops = [1, 2, 10];

/** Bit-rates crossed with distances of key frames, with and without B-frames. */
export const liveVariants: readonly string[] = bitRates.flatMap((megabits) =>
  gops.flatMap((gop) => [`${megabits} Mb/s, GOP ${gop} s`, `${megabits} Mb/s, GOP ${gop} s, no B-frames`]),
);

/** How a variant is encoded. */
export function encodingOf(variant: string): Pick<LiveEncoding, 'megabits' | 'gop' | 'output'> {
  const [, megabits, gop] = /^([\d.]+) Mb\/s, GOP (\d+) s/.exec(variant) ?? [];
  return {
    megabits: Number(megabits),
    gop: Number(gop),
    ...(variant.endsWith('no B-frames') && { output: ['-bf', '0'] }),
  };
}
