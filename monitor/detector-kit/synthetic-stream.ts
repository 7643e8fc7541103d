import { FrameStore } from '../converter/frame-store.ts';
import type { AudioObservation, FrameObservation, Observation } from '../detectors/contract.ts';
import { comparisons, syntheticEvidence } from './synthetic-findings.ts';

const rate = 25;
const sampleRate = 48_000;
interface Part {
  readonly from: number;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly channelNames: readonly string[];
  /** A moving picture with sound, or a black one with digital silence. */
  readonly black?: true;
}

const stereo = ['FL', 'FR'];
const surround = ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'];

/**
 * Everything that the contract lets a detector meet, in half a minute of a made-up stream: an epoch without tracks,
 * moving and black pictures, sound and silence, evidence of each kind with each fault, comparisons with a reference,
 * another picture size, channel layout and container after a jump, a source that gives nothing, and the end. The same
 * at each call.
 */
export function* syntheticStream(): Generator<Observation> {
  const epoch = {
    type: 'epoch',
    hasVideo: true,
    hasAudio: true,
    frameRate: rate,
    transportSeen: true,
    hasReference: true,
  } as const;
  yield { type: 'epoch', time: 0, hasVideo: false, hasAudio: false, transportSeen: false };
  yield { type: 'clock', time: 0.5, expectedGap: 2 };
  yield { ...epoch, time: 1, container: 'mpegts' };
  const size = { width: 320, height: 180, channelNames: stereo };
  yield* part({ ...size, from: 1, seconds: 8 });
  yield* syntheticEvidence(9);
  yield { type: 'reference', time: 9, ...comparisons.notYet };
  yield* part({ ...size, from: 9, seconds: 6, black: true });
  yield { type: 'reference', time: 15, ...comparisons.other };
  yield* part({ ...size, from: 15, seconds: 3 });
  yield { type: 'reference', time: 18, ...comparisons.agreeing };
  for (let idle = 0.5; idle <= 6; idle += 0.5) {
    yield { type: 'clock', time: 18 + idle, videoIdle: idle, audioIdle: idle, expectedGap: 2 };
  }
  yield { ...epoch, time: 24, container: 'mov', playlistSeen: true };
  yield* part({ from: 24, seconds: 6, width: 320, height: 240, channelNames: surround });
  yield { type: 'end', time: 30 };
}

/** Seconds of media in the synthetic stream. */
export const syntheticSeconds = 23;

function* part({ from, seconds, width, height, channelNames, black }: Part): Generator<Observation> {
  const store = new FrameStore(width, height, true);
  for (let frame = 0; frame < seconds * rate; frame++) {
    const time = from + frame / rate;
    paint(store.target(), width, black ? undefined : frame);
    const { reduced, statistics, native, kernels } = store.take(time);
    const observation: FrameObservation = {
      ...{ type: 'frame', time, reduced, statistics, kernels },
      ...(native && { native }),
    };
    yield observation;
    yield sound(time, channelNames, black === true);
  }
}

/** Stripes that wander. `shift` absent: black. */
function paint(data: Uint8Array, width: number, shift: number | undefined): void {
  if (shift === undefined) {
    data.fill(16);
    return;
  }
  for (let sample = 0; sample < data.length; sample++) {
    const column = sample % width;
    const row = (sample - column) / width;
    data[sample] = 16 + ((((column + 3 * shift) * 7) ^ (row * 5)) % 220);
  }
}

function sound(time: number, channelNames: readonly string[], silent: boolean): AudioObservation {
  const channels = channelNames.length;
  const samples = new Int16Array((sampleRate / rate) * channels);
  for (let index = 0; !silent && index < samples.length; index++) {
    const at = time + Math.floor(index / channels) / sampleRate;
    samples[index] = 8000 * Math.sin(2 * Math.PI * 440 * at);
  }
  return { type: 'audio', time, sampleRate, channels, channelNames, samples };
}
