import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../accuracy/random.ts';
import { eventually } from '../integration/run-process.ts';
import type { Fault } from './fault.ts';
import type { FaultBed } from './fault-bed.ts';
import type { InjectedFreeze } from './injected-freezes.ts';

/** One fault, made and healed while defects come and go. Times in ms since 1970. */
export interface Round {
  readonly number: number;
  readonly fault: Fault;
  readonly what: string;
  readonly begunAt: number;
  readonly struckAt: number;
  readonly healedAt: number;
  /** When each stream was watched again; absent where one never was. */
  readonly watchedAt?: number;
  readonly defects: readonly InjectedFreeze[];
}

/** Seconds beyond its bound after which a stream is given up. */
const patience = 60;
/** What was on its way to an analysis when it was hit is still watched, for so many seconds. */
const onItsWay = 4;
/** A defect of which a monitor sees this many seconds is found: the 2 s that it must last, and some for arrival. */
const visible = 6;
/** Merge gap of the incidents, and a margin for retries of a receiver that was away, in seconds. */
const settling = 75;

/**
 * One defect begins before the fault and one during it; both end when all is well again. The third stream has none.
 * @throws Error when all was not well before
 */
export async function playRound(bed: FaultBed, fault: Fault, number: number, random: Random): Promise<Round> {
  const begunAt = Date.now();
  await eventually('every stream is watched', () => bed.isWatchedSince(begunAt), 120);
  const early = random.pick(bed.streams);
  const late = random.pick(bed.streams.filter((stream) => stream !== early));
  const first = bed.freezes.begin(early);
  await sleep(1000 * random.between(0, 7));

  const struckAt = Date.now();
  const { what, seconds, heal } = await fault.strike(bed, random);
  await sleep(1000 * Math.min(seconds, random.between(0, 3)));
  const second = bed.freezes.begin(late);
  await sleep(Math.max(0, struckAt + 1000 * seconds - Date.now()));
  await heal();
  const healedAt = Date.now();

  const watched = await eventually(
    'watched again',
    () => bed.isWatchedSince(healedAt + 1000 * onItsWay),
    fault.bound + patience,
  ).then(
    () => Date.now(),
    () => undefined,
  );
  await sleep(1000 * random.between(visible, 1.5 * visible));
  for (const defect of [first, second]) bed.freezes.end(defect);
  const round = { number, fault, what, begunAt, struckAt, healedAt, defects: [first, second] };
  await eventually('the receiver was told', () => isTold(bed, round), settling).catch(() => {});
  return { ...round, ...(watched !== undefined && { watchedAt: watched }) };
}

/** Whether each defect has an incident that was closed, and none is open. */
function isTold(bed: FaultBed, { begunAt, defects }: Pick<Round, 'begunAt' | 'defects'>): boolean {
  const incidents = bed.there.told
    .map(({ data }) => data.incident)
    .filter(({ openedAt }) => Date.parse(openedAt) >= begunAt);
  const closed = new Set(incidents.filter(({ state }) => state === 'closed').map(({ id }) => id));
  return (
    incidents.every(({ id }) => closed.has(id)) &&
    defects.every(({ stream }) => incidents.some((incident) => incident.stream === stream))
  );
}
