/** What is cut off at the top of one channel over one block. */
export interface FlatTops {
  /** Share of the samples that lie in runs at the channel's extremes. */
  readonly share: number;
  /** Of the samples close to an extreme, the share that lie in such runs: the spike at the histogram's end. */
  readonly spike: number;
}

/** Fewer equal samples come about without clipping. */
const leastRun = 3;
/** Clipping is looked for from here to full scale: −1 dBFS. */
const nearFullScale = 10 ** (-1 / 20);
/** Samples beyond this share of the extreme are close to it. */
const close = 0.97;

const none: FlatTops = { share: 0, spike: 0 };

/** Runs of at least three equal samples at the block's highest or lowest value, where that is near full scale. */
export function flatTops(samples: Float32Array): FlatTops {
  let highest = 0;
  let lowest = 0;
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    if (sample > highest) highest = sample;
    else if (sample < lowest) lowest = sample;
  }
  const top = highest >= nearFullScale ? highest : Number.POSITIVE_INFINITY;
  const bottom = lowest <= -nearFullScale ? lowest : Number.NEGATIVE_INFINITY;
  if (!Number.isFinite(top) && !Number.isFinite(bottom)) return none;
  return count(samples, top, bottom);
}

function count(samples: Float32Array, top: number, bottom: number): FlatTops {
  let flat = 0;
  let near = 0;
  let run = 0;
  let extreme = 0;
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    if (sample >= close * top || sample <= close * bottom) near++;
    if (sample === extreme) {
      run++;
      if (run >= leastRun) flat += run === leastRun ? leastRun : 1;
    } else if (sample === top || sample === bottom) {
      extreme = sample;
      run = 1;
    } else {
      // Never equal to a sample, so that the next run begins anew.
      extreme = Number.NaN;
      run = 0;
    }
  }
  return { share: flat / samples.length, spike: near > 0 ? flat / near : 0 };
}
