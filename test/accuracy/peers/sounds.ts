import type { Branch, FrameMetadata } from './metadata.ts';
import { combined, type PeerFilter, type PeerSetting } from './peer-filter.ts';
import { channelSpans, figure, joined, lasting, markedSpans, spansWhere } from './peer-spans.ts';

const sound = (filters: string): Branch => ({ track: 'sound', filters });

/** The first is what comes with the filter. */
const silenceLevels = [-60, -50, -40, -70, -80];

/** Of the whole sound and of each channel (`mono=1`); shorter ones are left out by us, as the filter would. */
function silences(durations: readonly number[]): PeerFilter {
  const branches = combined([0, 1], silenceLevels);
  const shortest = Math.min(...durations);
  return {
    filter: 'silencedetect',
    // Of each frame the filter tells one silence at most.
    branches: branches.map(([mono, level]) =>
      sound(`asetnsamples=n=256:p=0,silencedetect=n=${level}dB:d=${shortest}:mono=${mono}`),
    ),
    settings: combined([...branches.entries()], durations).map(([[index, [mono, level]], duration]) => ({
      label: `n=${level}dB:d=${duration}${mono ? ':mono=1' : ''}`,
      spans: (outputs, seconds) =>
        lasting(channelSpans(outputs[index] ?? [], 'lavfi.silence', seconds), duration),
    })),
  };
}

export const silencedetect = silences([2, 1, 0.5, 5, 10]);
/** A dropout is a silence of some milliseconds; as it comes, the filter finds none below 2 s. */
export const shortSilencedetect = silences([2, 0.01, 0.02, 0.04, 0.08]);

const window = 'asetnsamples=n=4800:p=0';
/** Of windows of about 0.1 s, and of each channel. */
const statistics = (measured: string): Branch =>
  sound(`${window},astats=metadata=1:reset=1:measure_perchannel=${measured}:measure_overall=none`);

/** Runs of samples at a window's own peak, where that is near full scale. */
export const astatsClipping: PeerFilter = {
  filter: 'astats',
  branches: [statistics('Flat_factor+Peak_level')],
  settings: combined(combined([1, 0.1, 3, 6, 10, 15], [-0.1, -0.01, -1, -3, -20]), [0, 0.3]).map(
    ([[factor, peak], shortest]) => ({
      label: `Flat_factor ≥ ${factor} and Peak_level ≥ ${peak} for ${shortest} s`,
      spans: ([frames = []], seconds) => {
        const isClipped = (frame: FrameMetadata) =>
          channelsOf(frame).some(
            (channel) => channel('Flat_factor') >= factor && channel('Peak_level') >= peak,
          );
        return lasting(spansWhere(frames, isClipped, { seconds }), shortest);
      },
    }),
  ),
};

export const astatsOffset: PeerFilter = {
  filter: 'astats',
  branches: [statistics('DC_offset')],
  settings: combined([0.01, 0.005, 0.02, 0.05], [3, 1, 10]).map(([offset, shortest]) => ({
    label: `DC_offset ≥ ${offset} for ${shortest} s`,
    spans: ([frames = []], seconds) => {
      const isOff = (frame: FrameMetadata) =>
        channelsOf(frame).some((channel) => Math.abs(channel('DC_offset')) >= offset);
      return lasting(spansWhere(frames, isOff, { seconds }), shortest);
    },
  })),
};

/** True peaks need samples in between: four times as many, as ITU-R BS.1770-5 has it. */
export const astatsTruePeak: PeerFilter = {
  filter: 'astats',
  branches: [
    sound(
      `aresample=192000,asetnsamples=n=19200:p=0,astats=metadata=1:reset=1:measure_perchannel=Peak_level:measure_overall=none`,
    ),
  ],
  settings: [-1, -2, -0.5, 0].map((peak) => ({
    label: `Peak_level ≥ ${peak} at 192 kHz`,
    spans: ([frames = []], seconds) =>
      spansWhere(frames, (frame) => channelsOf(frame).some((channel) => channel('Peak_level') >= peak), {
        seconds,
      }),
  })),
};

const meter = (options: string): Branch => sound(`aphasemeter=video=0:phasing=1:${options}`);
const angles = [170, 160, 150, 130, 100];
const tolerances = [0, 0.001, 0.01, 0.05];

function phases(name: string, options: readonly string[], durations: readonly number[]): PeerFilter {
  return {
    filter: 'aphasemeter',
    branches: options.map((own) => meter(`${own}:duration=0.5`)),
    settings: combined([...options.entries()], durations).map(
      ([[index, own], shortest]): PeerSetting => ({
        label: `${own}:duration=${shortest}`,
        spans: (outputs, seconds) => {
          const keys = {
            start: `lavfi.aphasemeter.${name}_start`,
            end: `lavfi.aphasemeter.${name}_end`,
          };
          return lasting(markedSpans(outputs[index] ?? [], keys, seconds), shortest);
        },
      }),
    ),
  };
}

export const aphasemeterInverted = phases(
  'out_phase',
  angles.map((angle) => `angle=${angle}`),
  [2, 1, 5],
);
export const aphasemeterMono = phases(
  'mono',
  tolerances.map((tolerance) => `tolerance=${tolerance}`),
  [2, 10, 30, 60],
);

/** LUFS of EBU R 128. */
const target = -23;

/** Spans where the meter shows more, or less, than the target allows for; `ebur128` judges nothing by itself. */
function loudness(isOff: (loudness: number, tolerance: number) => boolean, sign: string): PeerFilter {
  const rules = [
    ...combined(['I'], [2, 1, 3, 5]),
    ...combined(['S'], [9, 3, 5, 7]),
    ...combined(['M'], [9, 12]),
  ];
  return {
    filter: 'ebur128',
    branches: [sound('ebur128=metadata=1')],
    settings: combined(rules, [0, 3, 10]).map(([[scale, tolerance], shortest]) => ({
      label: `${scale} ${sign} ${tolerance} LU off for ${shortest} s`,
      spans: ([frames = []], seconds) => {
        // Before there is anything to show, the meter shows its lowest value.
        const shown = frames.filter(({ time }) => time > 3);
        const off = (frame: FrameMetadata) => isOff(figure(frame, `lavfi.r128.${scale}`) - target, tolerance);
        return lasting(joined(spansWhere(shown, off, { seconds }), 1), shortest);
      },
    })),
  };
}

export const ebur128Loud = loudness((difference, tolerance) => difference > tolerance, '>');
export const ebur128Quiet = loudness((difference, tolerance) => difference < -tolerance, '<');
export const ebur128 = loudness((difference, tolerance) => Math.abs(difference) > tolerance, '±');

/** Figures of each channel that `astats` has measured in a window. */
function channelsOf(frame: FrameMetadata): ((figure: string) => number)[] {
  const channels = new Set<string>();
  for (const key of frame.values.keys()) {
    const channel = /^lavfi\.astats\.(\d+)\./.exec(key)?.[1];
    if (channel !== undefined) channels.add(channel);
  }
  return [...channels].map((channel) => (name) => figure(frame, `lavfi.astats.${channel}.${name}`));
}
