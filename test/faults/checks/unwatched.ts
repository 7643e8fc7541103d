import type { Check } from '../check.ts';
import type { FaultBed } from '../fault-bed.ts';
import type { Round } from '../round.ts';

/** Longest time that a stream was unwatched by a round's fault, in seconds. */
export function unwatchedSeconds(bed: FaultBed, { fault, struckAt, healedAt }: Round): Map<string, number> {
  return bed.watchLog.longest(fault.takesStreams ? healedAt : struckAt);
}

export default {
  name: 'unwatched',
  afterFault: (bed, round) => {
    const { bound } = round.fault;
    const late = [...unwatchedSeconds(bed, round)].filter(([, seconds]) => seconds > bound);
    return late.map(([stream, seconds]) => ({
      expected: `${stream} unwatched for at most ${bound} s`,
      found: `${seconds.toFixed(1)} s`,
    }));
  },
} satisfies Check;
