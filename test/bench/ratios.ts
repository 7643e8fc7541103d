import { benchSet, decodeCommand, nativeCommand, smallSet, watchCommand, watched } from './commands.ts';
import { cpuSecondsOf } from './cpu-time.ts';
import type { Rendition } from './renditions.ts';
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
  const { file, seconds, cut } = rendition;
  const perSecond =
    (command: readonly string[], length: number, accepted = [0]) =>
    async () =>
      (1000 * (await cpuSecondsOf(command, accepted))) / length;
  const rates = await interleaved<Measured>(
    {
      decode: perSecond(decodeCommand(file), seconds),
      benchSet: perSecond(watchCommand(file, benchSet), seconds, watched),
      smallSet: perSecond(watchCommand(file, smallSet), seconds, watched),
      nativeSmall: perSecond(nativeCommand(file, 'small'), seconds),
      cutDecode: perSecond(decodeCommand(cut.file), cut.seconds),
      nativeFull: perSecond(nativeCommand(cut.file, 'full'), cut.seconds),
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
