/** Powers are those of milliseconds, one after the other, as shares of a constant full scale. */
type Powers = readonly number[];

/** What tells a gap from what is weak by nature. */
export interface GapRule {
  /** At or below which power a stretch may be a gap; 0 where there is nothing that could have one. */
  limit(before: Powers): number;
  /** Whether a stretch below the limit is one, by the 280 ms before it and the 32 ms after. */
  isGap(before: Powers, powers: Powers, after: Powers): boolean;
}

/** Milliseconds over which a level is taken; those next to the gap are left out of it. */
const context = 30;
const apart = 2;
/** Milliseconds that rules look at before and after a gap. */
export const heardBefore = 280;
export const heardAfter = context + apart;

/** Something must be heard (−40 dBFS) on one side of a gap, or nobody misses it. */
const heard = 1e-4;

/** Sound this much weaker than before (15 dB) may be in a dip; it must have been above −65 dBFS. */
const fallen = 10 ** -1.5;
const leastFallen = 10 ** -6.5;
/** The sound around a dip is above −55 dBFS, … */
const dipLeast = 10 ** -5.5;
/** … the dip by 27 dB weaker in its middle and by 18 dB nearly throughout, for a codec spreads noise over it, … */
const dipDepth = 10 ** -2.7;
const dipThroughout = 10 ** -1.8;
/** … and within 6 ms the sound loses its last half of amplitude (6 dB), and has it back: what decays or swells takes longer. */
const dipEdge = 6;
const edgeShare = 1 / 4;

/**
 * A dip with two steep edges. The figures are about the least strict that raised no false alarm in 16 clips in six
 * encodings each (4.5 h) but where sound of the clips themselves is lost; docs/detectors/dropout.md has what clips held
 * out say.
 */
export const dip: GapRule = {
  limit: (before) => {
    const level = levelOf(before);
    return level < leastFallen ? 0 : level * fallen;
  },
  isGap: (before, powers, after) => {
    const sides = [before.toReversed(), after];
    const levels = [levelOf(before), levelOf(after.toReversed())];
    const around = Math.min(...levels);
    const sorted = powers.toSorted((one, other) => one - other);
    return (
      isHeard(before, after) &&
      around >= dipLeast &&
      quantile(sorted, 0.5) <= around * dipDepth &&
      quantile(sorted, 0.9) <= around * dipThroughout &&
      sides.every((side, index) => edgeOf(side, levels[index]! * edgeShare) <= dipEdge)
    );
  },
};

/** Nothing at all: below −95 dBFS, as samples of zero are, … */
const nothing = 10 ** -9.5;
/** … where sound above −60 dBFS goes on until −78 dBFS right next to it, as that of a microphone or codec does, … */
const leastAround = 1e-6;
const leastNext = 10 ** -7.8;
/** … and does not fade in or out: of a linear fade, 20 ms from its zero are 16 times as strong as 5 ms. */
const next = 5;
const near = 20;
const steepness = 0.1;

/** Nothing at all, cut out of sound that may be faint next to it, as in a pause of speech. Figures as those of a dip. */
export const cutOut: GapRule = {
  limit: () => nothing,
  isGap: (before, _powers, after) =>
    isHeard(before, after) &&
    Math.min(loudestOf(before), levelOf(after.toReversed())) >= leastAround &&
    [before.toReversed(), after].every(goesOn),
};

/** Whether the sound of one side, from the gap on, is there at once and does not fade. */
function goesOn(side: Powers): boolean {
  const nearest = Math.max(0, ...side.slice(0, next));
  return nearest >= leastNext && nearest >= steepness * Math.max(0, ...side.slice(next, near));
}

function isHeard(before: Powers, after: Powers): boolean {
  return Math.max(loudestOf(before), levelOf(after.toReversed())) >= heard;
}

/** Mean power of the last 30 ms but for the last two; 0 of less. */
function levelOf(powers: Powers): number {
  const to = powers.length - apart;
  return to < context ? 0 : meanOf(powers, to - context, to);
}

/** The loudest 30 ms. */
function loudestOf(powers: Powers): number {
  let loudest = 0;
  for (let from = 0; from + context <= powers.length; from++) {
    loudest = Math.max(loudest, meanOf(powers, from, from + context));
  }
  return loudest;
}

function meanOf(powers: Powers, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += powers[index]!;
  return sum / (to - from);
}

/** Milliseconds from the gap to the first that has `power`. */
function edgeOf(side: Powers, power: number): number {
  const found = side.findIndex((own) => own >= power);
  return found < 0 ? side.length : found;
}

function quantile(sorted: Powers, share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
