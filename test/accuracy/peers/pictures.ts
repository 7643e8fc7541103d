import type { Branch, FrameMetadata } from './metadata.ts';
import { combined, type PeerFilter } from './peer-filter.ts';
import { clusters, figure, lasting, markedSpans, spansWhere } from './peer-spans.ts';

const picture = (filters: string): Branch => ({ track: 'picture', filters });

const freezeKeys = { start: 'lavfi.freezedetect.freeze_start', end: 'lavfi.freezedetect.freeze_end' };
/** The first is what comes with the filter. */
const freezeNoises = [-60, -70, -55, -50, -45, -40, -35];

/** What is shorter than `d` is left out by us: for the filter, `d` does nothing else. */
export const freezedetect: PeerFilter = {
  filter: 'freezedetect',
  branches: freezeNoises.map((noise) => picture(`freezedetect=n=${noise}dB:d=0.5`)),
  settings: combined([...freezeNoises.entries()], [2, 1, 0.5]).map(([[index, noise], shortest]) => ({
    label: `n=${noise}dB:d=${shortest}`,
    spans: (outputs, seconds) => lasting(markedSpans(outputs[index] ?? [], freezeKeys, seconds), shortest),
  })),
};

const blackLimits = combined([0.1, 0.05, 0.02, 0.15], [0.98, 0.95, 0.9, 0.8]);

export const blackdetect: PeerFilter = {
  filter: 'blackdetect',
  branches: blackLimits.map(([pixel, share]) => picture(`blackdetect=d=0.2:pix_th=${pixel}:pic_th=${share}`)),
  settings: combined([...blackLimits.entries()], [2, 1, 0.5]).map(([[index, [pixel, share]], shortest]) => ({
    label: `d=${shortest}:pic_th=${share}:pix_th=${pixel}`,
    spans: (outputs, seconds) => {
      const keys = { start: 'lavfi.black_start', end: 'lavfi.black_end' };
      return lasting(markedSpans(outputs[index] ?? [], keys, seconds), shortest);
    },
  })),
};

/** A filter that gives each picture a score and judges none: a threshold, or one as a multiple of the file's median. */
function scored(
  filter: string,
  key: string,
  thresholds: { readonly levels: readonly number[]; readonly multiples: readonly number[] },
  durations: readonly number[],
): PeerFilter {
  const rules = [
    ...thresholds.levels.map((level) => ({ label: String(level), limit: () => level })),
    ...thresholds.multiples.map((multiple) => ({
      label: `${multiple} × median`,
      limit: (frames: readonly FrameMetadata[]) =>
        multiple * median(frames.map((frame) => figure(frame, key))),
    })),
  ];
  return {
    filter,
    branches: [picture(filter)],
    settings: combined(rules, durations).map(([{ label, limit }, shortest]) => ({
      label: `score ≥ ${label} for ${shortest} s`,
      spans: ([frames = []], seconds) => {
        const least = limit(frames);
        return lasting(
          spansWhere(frames, (frame) => figure(frame, key) >= least, { seconds }),
          shortest,
        );
      },
    })),
  };
}

export const blockdetect = scored(
  'blockdetect',
  'lavfi.block',
  { levels: [5, 1.5, 2, 3, 4, 8, 12, 20], multiples: [1.2, 1.5, 2, 3, 5] },
  [0, 0.1, 0.5],
);

export const blurdetect = scored(
  'blurdetect',
  'lavfi.blur',
  { levels: [10, 5, 6, 7, 8, 12, 15, 20], multiples: [1.1, 1.2, 1.35, 1.5, 2, 3] },
  [2, 1, 5],
);

const flatRanges = [0, 1, 2, 4, 8, 16, 32];

/** A flat picture has one level: there is no filter for it, but the lowest and highest level of a picture. */
export const signalstats: PeerFilter = {
  filter: 'signalstats',
  branches: [picture('signalstats')],
  settings: combined(
    [
      ['YMIN', 'YMAX'],
      ['YLOW', 'YHIGH'],
    ] as const,
    combined(flatRanges, [2, 1]),
  ).map(([[low, high], [range, shortest]]) => ({
    label: `${high} − ${low} ≤ ${range} for ${shortest} s`,
    spans: ([frames = []], seconds) => {
      const isFlat = (frame: FrameMetadata) =>
        figure(frame, `lavfi.signalstats.${high}`) - figure(frame, `lavfi.signalstats.${low}`) <= range;
      return lasting(spansWhere(frames, isFlat, { seconds }), shortest);
    },
  })),
};

/** Prints the time of every picture that comes through. */
const times = 'metadata=mode=add:key=seen:value=1';
/** Seconds in which pictures that are dropped again and again are one stutter. */
const stutterWindow = 4;

/** Pictures that `mpdecimate` leaves out repeat one; there is no filter that tells how regular that is. */
export const mpdecimate: PeerFilter = {
  filter: 'mpdecimate',
  branches: [
    picture(times),
    ...['hi=768:lo=320', 'hi=256:lo=64', 'hi=1536:lo=640'].map((limits) =>
      picture(`mpdecimate=${limits}:frac=0.33,${times}`),
    ),
  ],
  settings: combined([1, 2, 3], [3, 2, 5, 8, 12, 20]).map(([index, count]) => ({
    label: `${count} repeats in ${stutterWindow} s, ${['defaults', 'hi=256:lo=64', 'hi=1536:lo=640'][index - 1]}`,
    spans: (outputs) => {
      const kept = new Set((outputs[index] ?? []).map(({ time }) => time));
      const dropped = (outputs[0] ?? []).map(({ time }) => time).filter((time) => !kept.has(time));
      return clusters(dropped, count, stutterWindow);
    },
  })),
};

function median(figures: readonly number[]): number {
  const sorted = figures.filter((own) => Number.isFinite(own)).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
