/** What must not grow. */
export interface Held {
  readonly shardBytes: number;
  readonly converterBytes: number;
  readonly descriptors: number;
}

/** Share by which the last third of a soak may lie above the first: heaps waver by some percent. */
const tolerance = 0.1;
/** Connections that come and go. */
const spareDescriptors = 4;
/** Minutes below which thirds say nothing. */
const shortest = 9;

/** What grew over the minutes, a sentence each: by the medians of the first third and of the last. */
export function growth(minutes: readonly Held[]): string[] {
  if (minutes.length < shortest) return [];
  const third = Math.floor(minutes.length / 3);
  const grown = (what: keyof Held, unit: number, spare: number): string[] => {
    const [first, last] = [minutes.slice(0, third), minutes.slice(-third)].map((part) =>
      median(part.map((minute) => minute[what])),
    ) as [number, number];
    if (last <= first * (1 + tolerance) + spare) return [];
    return [
      `${what}: ${(first / unit).toFixed(0)} in the first third, ${(last / unit).toFixed(0)} in the last`,
    ];
  };
  const megabyte = 1024 * 1024;
  return [
    ...grown('shardBytes', megabyte, 0),
    ...grown('converterBytes', megabyte, 0),
    ...grown('descriptors', 1, spareDescriptors),
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
