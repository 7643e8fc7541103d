import { type DetectorCosts, declaredCost, referenceCost } from './cost.ts';
import type { PoolPolicy } from './pool-policy.ts';
import { textOrder } from './shard-order.ts';
import { pairKey } from './shard-state.ts';
import type { StreamDemand } from './stream-demand.ts';

/** Detectors that run together on one shard, and what watching them costs. */
export interface Subset {
  /** As `pairKey` makes it. */
  readonly key: string;
  /** Sorted. */
  readonly detectors: readonly string[];
  /** ms CPU per second, decoding included. */
  readonly cost: number;
}

/** A stream's detectors as they are to run. */
export interface StreamSubsets {
  readonly subsets: readonly Subset[];
  /** Where the stream was divided because no shard could hold it: what decoding it again costs. */
  readonly split?: { readonly wholeCost: number; readonly extraCost: number };
}

export interface CostSources {
  readonly detectorCosts: DetectorCosts;
  /** By `pairKey`. */
  readonly measuredCosts: ReadonlyMap<string, number>;
}

/** A subset that runs now. Its cost stands until another is measured. */
export type PlacedSubset = Omit<Subset, 'key'>;

/**
 * Divides a stream's detectors: as the user asked, else not at all unless no shard could hold them together. Then
 * into few subsets, for each decodes the stream once more; such a division stays until the whole fits well.
 * A subset may still cost more than a shard has: it cannot be divided further.
 * @param placed subsets of the stream that run now, without duplicates
 */
export function subsetsOf(
  stream: StreamDemand,
  placed: readonly PlacedSubset[],
  policy: Pick<PoolPolicy, 'shardCapacity' | 'hysteresis'>,
  costs: CostSources,
): StreamSubsets {
  const cost = (detectors: readonly string[]) => costOf(stream, detectors, placed, costs);
  const enabled = stream.detectors.toSorted(textOrder);
  if (enabled.length === 0) return { subsets: [] };
  if (stream.subsets && stream.subsets.length > 0) {
    return { subsets: askedSubsets(enabled, stream.subsets).map(cost) };
  }

  const { shardCapacity, hysteresis } = policy;
  if (enabled.length === 1) return { subsets: [cost(enabled)] };
  const divided = dividesExactly(placed, enabled);
  if (!divided) {
    const whole = cost(enabled);
    const runsWhole = placed.some(({ detectors }) => sameDetectors(detectors, enabled));
    if (whole.cost <= shardCapacity * (runsWhole ? 1 + hysteresis : 1)) return { subsets: [whole] };
    return division(stream, enabled, whole.cost, shardCapacity, costs);
  }

  const subsets = placed.map(({ detectors }) => cost(detectors)).sort((a, b) => textOrder(a.key, b.key));
  const sum = subsets.reduce((total, subset) => total + subset.cost, 0);
  const declared = subsets.reduce((total, { detectors }) => total + declaredOf(stream, detectors, costs), 0);
  const decode = declaredOf(stream, [], costs) * (sum / declared);
  const extraCost = (subsets.length - 1) * decode;
  const wholeCost = costs.measuredCosts.get(keyOf(stream, enabled)) ?? sum - extraCost;
  if (wholeCost <= shardCapacity * (1 - hysteresis))
    return { subsets: [{ key: keyOf(stream, enabled), detectors: enabled, cost: wholeCost }] };
  if (
    subsets.some((subset) => subset.detectors.length > 1 && subset.cost > shardCapacity * (1 + hysteresis))
  ) {
    return division(stream, enabled, wholeCost, shardCapacity, costs);
  }
  return { subsets, split: { wholeCost, extraCost } };
}

/** What watching a subset costs: as measured, else as it was placed, else as declared. */
function costOf(
  stream: StreamDemand,
  detectors: readonly string[],
  placed: readonly PlacedSubset[],
  costs: CostSources,
): Subset {
  const key = keyOf(stream, detectors);
  const measured = costs.measuredCosts.get(key);
  const known = measured ?? placed.find((subset) => sameDetectors(subset.detectors, detectors))?.cost;
  return { key, detectors, cost: known ?? declaredOf(stream, detectors, costs) };
}

/** Enabled detectors in the subsets asked for; those that none names run with the first. */
function askedSubsets(enabled: readonly string[], asked: readonly (readonly string[])[]): string[][] {
  const subsetOf = new Map<string, number>();
  for (const [index, subset] of asked.entries()) {
    for (const type of subset) if (!subsetOf.has(type)) subsetOf.set(type, index);
  }
  return asked
    .map((_, index) => enabled.filter((type) => (subsetOf.get(type) ?? 0) === index))
    .filter((subset) => subset.length > 0);
}

/** First-fit decreasing: the costliest detector first, each into the first subset with room. */
function division(
  stream: StreamDemand,
  detectors: readonly string[],
  wholeCost: number,
  capacity: number,
  costs: CostSources,
): StreamSubsets {
  // A stream that was measured to cost twice what is declared does so in each of its parts, as far as anyone knows.
  const ratio = wholeCost / declaredOf(stream, detectors, costs);
  const costWith = (types: readonly string[]) => declaredOf(stream, types, costs) * ratio;
  const decode = costWith([]);
  const priced = detectors
    .map((type) => ({ type, cost: costWith([type]) }))
    .sort((a, b) => b.cost - a.cost || textOrder(a.type, b.type));
  const parts: { detectors: string[]; cost: number }[] = [];
  for (const { type } of priced) {
    let part = parts.find(({ detectors: held }) => costWith([...held, type]) <= capacity);
    if (!part) {
      part = { detectors: [], cost: decode };
      parts.push(part);
    }
    part.detectors.push(type);
    part.cost = costWith(part.detectors);
  }
  if (decode >= capacity) return { subsets: [{ key: keyOf(stream, detectors), detectors, cost: wholeCost }] };
  const subsets = parts
    .map(({ detectors: types, cost }) => {
      const sorted = types.sort(textOrder);
      return { key: keyOf(stream, sorted), detectors: sorted, cost };
    })
    .sort((a, b) => textOrder(a.key, b.key));
  return { subsets, split: { wholeCost, extraCost: (subsets.length - 1) * decode } };
}

function keyOf({ monitor, name }: StreamDemand, detectors: readonly string[]): string {
  return pairKey({ monitor, name, detectors });
}

function declaredOf(
  stream: StreamDemand,
  detectors: readonly string[],
  { detectorCosts }: CostSources,
): number {
  const reference = stream.reference ? referenceCost(detectors, detectorCosts) : 0;
  return declaredCost(stream.video, detectors, detectorCosts) + reference;
}

/** Whether what is placed are several subsets that hold each of the detectors exactly once. */
function dividesExactly(placed: readonly PlacedSubset[], enabled: readonly string[]): boolean {
  if (placed.length < 2) return false;
  return sameDetectors(placed.flatMap(({ detectors }) => detectors).sort(textOrder), enabled);
}

function sameDetectors(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((type, index) => type === b[index]);
}
