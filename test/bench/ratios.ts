import { benchSet, decodeCommand, nativeCommand, smallSet, watchCommand, watched } from './commands.ts';
import { steadyMilliseconds } from './cpu-time.ts';
import type { Media, Rendition } from './renditions.ts';
import { interleaved } from './rounds.ts';
import { median, pairedRatio, type Spread } from './statistics.ts';

/** Ours ÷ theirs, and what each cost in ms of CPU per second of media. */
export interface RenditionRatios {
  readonly bareDecode: Spread;
  readonly nativeFilters: Spread;
  readonly nativeFiltersSmallSet: Spread;
  readonly milliseconds: Readonly<Record<Measured, number>>;
}

const measured = [
  ...(['decode', 'benchSet', 'smallSet', 'nativeSmall'] as const),
  ...(['cutDecode', 'nativeFull'] as const),
] as const;
type Measured = (typeof measured)[number];

/**
 * What watching costs beside bare decoding and beside ffmpeg's own filters. The full native set takes many times
 * decoding, so it runs on the cut. It is set against ours by what each costs more than decoding the same media in
 * the same round: native ÷ decode on the cut, ours ÷ decode on the whole.
 */
export async function measureRatios(rendition: Rendition, rounds: number): Promise<RenditionRatios> {
  const { cut, opening } = rendition;
  const steady =
    (command: (file: string) => readonly string[], media: Media, accepted?: readonly number[]) => () =>
      steadyMilliseconds(command, media, opening, accepted);
  const rates = await interleaved<Measured>(
    {
      decode: steady(decodeCommand, rendition),
      benchSet: steady((file) => watchCommand(file, benchSet), rendition, watched),
      smallSet: steady((file) => watchCommand(file, smallSet), rendition, watched),
      nativeSmall: steady((file) => nativeCommand(file, 'small'), rendition),
      cutDecode: steady(decodeCommand, cut),
      nativeFull: steady((file) => nativeCommand(file, 'full'), cut),
    },
    rounds,
  );
  const overDecode = (over: readonly number[], decode: readonly number[]) =>
    over.map((rate, round) => rate / decode[round]!);
  return {
    bareDecode: pairedRatio(rates.benchSet, rates.decode),
    nativeFilters: pairedRatio(
      overDecode(rates.benchSet, rates.decode),
      overDecode(rates.nativeFull, rates.cutDecode),
    ),
    nativeFiltersSmallSet: pairedRatio(rates.smallSet, rates.nativeSmall),
    milliseconds: Object.fromEntries(measured.map((name) => [name, median(rates[name])])) as Record<
      Measured,
      number
    >,
  };
}
