import type { FrameStatistics } from '../kernels/luma-plane.ts';
import { defineDetector, type FrameObservation, type Judgement, type Unknown } from './contract.ts';
import { type Difference, type Hitch, PictureHolds } from './stutter/picture-holds.ts';

const enter = 0.5;
/** Seconds within which motion must catch again and again. */
const windowSeconds = 4;
/** Share of intervals that are no multiple of the usual one, from which nobody can tell; and below which again. */
const irregular = { from: 0.3, to: 0.15 };

/**
 * Stutter: motion that catches and jumps on, again and again, since pictures were repeated or left out. After the
 * motion-energy measure of Wolf, "A No Reference and Reduced Reference Metric for Detecting Dropped Video Frames" (VPQM
 * 2009): a difference near zero amid motion is a picture that was not renewed. What is repeated by a legal
 * cadence is told apart by its order and by the motion, which does not jump after it; see `PictureHolds`. Advisory:
 * a programme may well hold footage that stuttered before it was broadcast, such as calls and phone videos.
 */
export default defineDetector({
  manifest: {
    type: 'stutter',
    title: 'Stutter',
    description: 'Motion jerks, since pictures are repeated or left out irregularly.',
    kinds: { stutter: { description: 'pictures are held and the motion jumps on, again and again' } },
    needs: ['reduced'],
    cost: { fixed: 0.5, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'info', minDuration: '2s' },
    thresholds: { enter, exit: 0.3 },
    parameters: {
      hitches: {
        type: 'number',
        default: 3,
        minimum: 2,
        maximum: 40,
        description:
          'How many times within four seconds motion must catch; where only a single picture is repeated counts half.',
      },
    },
  },
  create: ({ hitches }) => {
    let judge = new StutterJudge(hitches);
    return {
      step(observation) {
        if (observation.type === 'epoch') {
          judge = new StutterJudge(hitches);
          return [{ unknown: observation.hasVideo ? undefined : 'the stream has no video' }];
        }
        return observation.type === 'frame' ? judge.frame(observation) : [];
      },
    };
  },
});

/** Share of the tiles whose motion counts: a face in a room, a ball on a field. */
const liveliestShare = 0.1;

class StutterJudge {
  readonly #least: number;
  readonly #holds = new PictureHolds();
  readonly #hitches: Hitch[] = [];
  #lastEnd: number | undefined;
  #known = true;

  constructor(least: number) {
    this.#least = least;
  }

  frame({ time, statistics }: FrameObservation): (Judgement | Unknown)[] {
    const hitch = this.#holds.frame(time, differenceOf(statistics));
    const knowledge = this.#knowledge();
    if (hitch && this.#known) {
      this.#hitches.push(hitch);
      this.#lastEnd = hitch.end;
    }
    while (this.#hitches[0] && this.#hitches[0].end < time - windowSeconds) this.#hitches.shift();
    const weight = this.#hitches.reduce((sum, each) => sum + each.weight, 0);
    const score = Math.min(1, (enter * weight) / this.#least);
    const since = score >= enter ? this.#hitches[0]?.start : this.#lastEnd;
    const judgement: Judgement = { time, kind: 'stutter', score, ...(since !== undefined && { since }) };
    return [...knowledge, judgement];
  }

  #knowledge(): Unknown[] {
    const { irregularity } = this.#holds;
    const known = irregularity < (this.#known ? irregular.from : irregular.to);
    if (known === this.#known) return [];
    this.#known = known;
    return [{ unknown: known ? undefined : 'the pictures come at no steady rate' }];
  }
}

function differenceOf({ difference, tileDifferences }: FrameStatistics): Difference {
  if (Number.isNaN(difference)) return { whole: 0, liveliest: 0 };
  const least = Math.floor((1 - liveliestShare) * tileDifferences.length);
  const sorted = tileDifferences.toSorted();
  let sum = 0;
  for (let index = least; index < sorted.length; index++) sum += sorted[index]!;
  return { whole: difference, liveliest: sum / (sorted.length - least) };
}
