import { edgeWidth } from './blur/edge-width.ts';
import { SharpnessHistory } from './blur/sharpness-history.ts';
import { defineDetector, type FrameObservation, type Judgement, type Unknown } from './contract.ts';

const enter = 0.5;
/** Seconds between the pictures that are looked at. */
const spacing = 1;
/** A picture that has been blurred for this many seconds is the stream's new usual one. */
const adoptAfter = 1800;

/**
 * Blur: edges wider than the stream's own usually are, as when a low rendition is scaled up or a camera lost focus. How
 * wide edges are depends on what is shown: within single clips of real programmes the width varied by a factor of up
 * to three, from shot to shot. So a picture is compared with what a tenth of the stream's own pictures of the last day
 * exceeded, and must stay beyond that for long. Advisory, and off by default: a soft film after a sharp studio is
 * blur by this measure. Parts of a picture that are sharp, such as a logo, hardly count.
 */
export default defineDetector({
  manifest: {
    type: 'blur',
    title: 'Blur',
    description: 'The picture is less sharp than the stream usually is.',
    kinds: { blur: { description: 'edges are much wider than usual' } },
    needs: ['native'],
    cost: { fixed: 0.25, perMegapixel: 0.01 },
    defaults: { enabled: false, severity: 'info', minDuration: '10s' },
    thresholds: { enter, exit: 0.45 },
    parameters: {
      wider: {
        type: 'number',
        default: 1.25,
        minimum: 1,
        maximum: 10,
        description:
          'How many times wider edges must be than what only a tenth of the usual pictures exceeds.',
      },
      learning: {
        type: 'duration',
        default: '5m',
        minimum: '10s',
        maximum: '6h',
        description: 'How long the stream is watched before its usual sharpness is known.',
      },
    },
  },
  create: (limits) => {
    let judge: BlurJudge | undefined;
    return {
      step(observation) {
        if (observation.type === 'epoch') {
          judge?.interrupt();
          if (!observation.hasVideo) return [{ unknown: 'the stream has no video' }];
          return judge?.known ? [{ unknown: undefined }] : [{ unknown: learningReason }];
        }
        if (observation.type !== 'frame' || !observation.native) return [];
        // Another size has edges of another width; a reconnect has not.
        const { width } = observation.native.current;
        if (judge?.pictureWidth !== width) judge = new BlurJudge(limits, width);
        return judge.frame(observation);
      },
    };
  },
});

const learningReason = 'the usual sharpness of the stream is not known yet';

class BlurJudge {
  readonly pictureWidth: number;
  readonly #limits: { readonly wider: number; readonly learning: number };
  #history = new SharpnessHistory();
  #next = Number.NEGATIVE_INFINITY;
  #blurredSince: number | undefined;
  known = false;

  constructor(limits: { readonly wider: number; readonly learning: number }, pictureWidth: number) {
    this.#limits = limits;
    this.pictureWidth = pictureWidth;
  }

  /** Media before and after are not comparable, but what is usual stays so. */
  interrupt(): void {
    this.#blurredSince = undefined;
  }

  frame({ time, native }: FrameObservation): (Judgement | Unknown)[] {
    if (time < this.#next) return [];
    this.#next = time + spacing;
    const width = edgeWidth(native!.current);
    if (width === undefined) return [];
    if (this.#history.seconds < this.#limits.learning) {
      this.#history.add(width);
      return this.#knows(false);
    }
    return [...this.#knows(true), this.#judge(time, width)];
  }

  #judge(time: number, width: number): Judgement {
    const ratio = width / this.#history.usualLimit;
    const score = Math.min(1, (enter * ratio) / this.#limits.wider);
    if (score < enter) {
      this.#history.add(width);
      this.#blurredSince = undefined;
      return { time, kind: 'blur', score };
    }
    this.#blurredSince ??= time;
    const since = this.#blurredSince;
    if (time - since < adoptAfter) return { time, kind: 'blur', score, since, area: 1 };
    this.#history = new SharpnessHistory();
    this.#blurredSince = undefined;
    return { time, kind: 'blur', score: 0 };
  }

  #knows(known: boolean): Unknown[] {
    if (known === this.known) return [];
    this.known = known;
    return [{ unknown: known ? undefined : learningReason }];
  }
}
