import { BlockSeams } from './block-corruption/block-seams.ts';
import { BurnedIn, type BurnedInDamage } from './block-corruption/burned-in.ts';
import { DataLoss, type LossSource } from './block-corruption/data-loss.ts';
import { FrameShare } from './block-corruption/frame-share.ts';
import { LossProof } from './block-corruption/loss-proof.ts';
import { nothingSudden, SuddenChanges } from './block-corruption/sudden-changes.ts';
import { type Detector, defineDetector, type FrameObservation, type Judgement } from './contract.ts';

/** Score of damage as such; how much of it is seen adds to that. */
const lossScore = 0.6;
/** Score of lost data of which nothing is seen. */
const unseenScore = 0.3;
/** Area at which the score is full. */
const fullScoreArea = 0.2;
/** How far above its threshold the model of burned-in damage gives the full score: few of the events reach more. */
const fullMargin = 4;
/** Damage is seen when so many of the last so many frames show it: a single frame can be a cut or a flash. */
const seenFrames = 3;
const windowFrames = 10;
/** Fewer seams than this can be letters in a small picture. */
const fewestSeams = 40;

/**
 * While data is lost: the share of losses that differed visibly from an undamaged decode (over 2 % of the macroblocks
 * of a frame with a mean square error above 225), by sudden changes alone and with seams seen.
 * Pixels alone are given less, since a scene that nobody measured may look like damage.
 */
const confidences = { loss: 0.9, seen: 0.95, pixels: 0.7 } as const;

const definition = defineDetector({
  manifest: {
    type: 'block-corruption',
    title: 'Block corruption',
    description: 'Parts of the picture are broken blocks, smears or remains of earlier pictures.',
    // One kind, since lost packets and what they do to the picture are one defect to a viewer.
    kinds: { blocks: { description: 'blocks of the picture are visibly broken' } },
    needs: ['native', 'transport'],
    cost: { fixed: 0.2, perMegapixel: 0.6 },
    // A flash of blocks is seen, and both rules that raise an incident have waited for their proof already.
    defaults: { enabled: true, severity: 'warning', minDuration: '0s' },
    thresholds: { enter: 0.5, exit: 0.5 },
    parameters: {
      visibleArea: {
        type: 'number',
        default: 0.02,
        minimum: 0.001,
        maximum: 1,
        description: 'Damaged share of the picture from which lost data is a defect.',
      },
      brokenEdges: {
        type: 'number',
        default: 0.025,
        minimum: 0.01,
        maximum: 1,
        description:
          'Newly broken macroblock edges per macroblock that count as damage where no data is known to be lost.',
      },
      burnedIn: {
        type: 'boolean',
        default: false,
        description:
          'Looks for damage that was encoded again upstream with a model trained on such; what it finds alone is info.',
      },
    },
  },
  create: (limits) => new BlockCorruption(limits),
});
export default definition;

interface Limits {
  /** Damaged share of the picture that is a defect while data is lost, and critical once it is seen to last. */
  readonly visibleArea: number;
  /** Newly broken edges per macroblock that are damage on their own. */
  readonly brokenEdges: number;
  /** Whether the model of damage that was encoded again is asked. */
  readonly burnedIn: boolean;
}

/**
 * Lost packets and decoder errors say where damage can be: up to the next random access point. It is a defect once
 * the picture shows it, dated back to where the loss began. Pixels open a defect alone, for damage that was encoded
 * again upstream, only on what no clean clip gave: many broken edges, in several frames.
 */
class BlockCorruption implements Detector {
  readonly #limits: Limits;
  #loss = new DataLoss();
  #seams = new BlockSeams();
  #sudden = new SuddenChanges();
  #proof: LossProof;
  #seenAfterLoss = new FrameShare(windowFrames, seenFrames);
  #broken = new FrameShare(windowFrames, seenFrames);
  #burnedIn = new BurnedIn();

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#proof = new LossProof(limits.visibleArea);
  }

  step(observation: Parameters<Detector['step']>[0]): ReturnType<Detector['step']> {
    if (observation.type === 'evidence') this.#loss.evidence(observation);
    if (observation.type === 'frame') return [this.#judge(observation)];
    if (observation.type !== 'epoch') return [];
    this.#loss = new DataLoss();
    this.#seams = new BlockSeams();
    this.#sudden = new SuddenChanges();
    this.#proof = new LossProof(this.#limits.visibleArea);
    this.#seenAfterLoss.clear();
    this.#broken.clear();
    this.#burnedIn.forget();
    return [{ unknown: observation.hasVideo ? undefined : 'the stream has no video' }];
  }

  #judge(frame: FrameObservation): Judgement {
    const { time, native, kernels } = frame;
    const loss = this.#loss.at(time);
    if (!loss) {
      this.#seams.forget();
      this.#seenAfterLoss.clear();
    }
    const { area, broken, blocks } = native?.previous
      ? this.#seams.frame(kernels, native.current, native.previous)
      : { area: 0, broken: 0, blocks: 0 };
    const near = this.#loss.isNear;
    if (!near) this.#sudden.forget();
    const changes =
      near && native?.previous ? this.#sudden.frame(kernels, native.current, native.previous) : nothingSudden;
    const since = this.#proof.frame(time, changes, this.#loss);
    if (loss) {
      this.#seenAfterLoss.add(time, area >= this.#limits.visibleArea);
      this.#burnedIn.forget();
    }
    const burnedIn = loss ? undefined : this.#lookForBurnedIn(frame);
    if (since !== undefined) {
      this.#broken.clear();
      return this.#judgeLoss(time, area, { since, source: loss?.source ?? 'transport' });
    }
    this.#broken.add(time, broken >= this.#limits.brokenEdges && broken * blocks >= fewestSeams);
    if (burnedIn && !this.#broken.reached) return judgeBurnedIn(time, burnedIn);
    const judgement = this.#judgePixels(time, area, broken);
    return loss ? { ...judgement, score: Math.max(judgement.score, unseenScore) } : judgement;
  }

  #lookForBurnedIn({ time, native, kernels }: FrameObservation): BurnedInDamage | undefined {
    return native && this.#limits.burnedIn ? this.#burnedIn.frame(kernels, native.current, time) : undefined;
  }

  #judgeLoss(
    time: number,
    area: number,
    { since, source }: { readonly since: number; readonly source: LossSource },
  ): Judgement {
    const seen = this.#seenAfterLoss.reached;
    return {
      time,
      kind: 'blocks',
      score: lossScore + (1 - lossScore) * Math.min(1, area / fullScoreArea),
      since,
      severity: seen ? 'critical' : 'warning',
      confidence: seen ? confidences.seen : confidences.loss,
      area,
      source,
    };
  }

  #judgePixels(time: number, area: number, broken: number): Judgement {
    if (!this.#broken.reached) {
      // Half of the way to the threshold at most, so that the curve still shows what there is.
      const score = Math.min(0.25, (0.25 * broken) / this.#limits.brokenEdges);
      return { time, kind: 'blocks', score };
    }
    return {
      time,
      kind: 'blocks',
      score: lossScore + (1 - lossScore) * Math.min(1, area / fullScoreArea),
      ...(this.#broken.since !== undefined && { since: this.#broken.since }),
      severity: 'critical',
      confidence: confidences.pixels,
      area,
      source: 'picture',
    };
  }
}

function judgeBurnedIn(time: number, { since, margin }: BurnedInDamage): Judgement {
  return {
    ...{ time, since, kind: 'blocks', severity: 'info', confidence: confidences.pixels, source: 'picture' },
    score: lossScore + (1 - lossScore) * Math.min(1, margin / fullMargin),
  };
}
