import type { AudioObservation } from '../../../monitor/detectors/contract.ts';

/** Peak of a 1 kHz tone, 0 … 1, of one channel at a media time; `undefined` for digital silence. */
export type Envelope = (time: number, channel: string) => number | undefined;

export interface ToneOptions {
  readonly seconds: number;
  readonly from?: number;
  readonly channelNames?: readonly string[];
  readonly sampleRate?: number;
  /** Samples per run; AAC has 1024, the default. */
  readonly packet?: number;
}

/** Peak of a sine whose RMS is this many dB below a full-scale square wave. */
export function sineOf(dbfs: number): number {
  return Math.SQRT2 * 10 ** (dbfs / 20);
}

/** Runs of a tone whose level follows an envelope per channel. */
export function* tones(
  envelope: Envelope,
  { seconds, from = 0, channelNames = ['FL', 'FR'], sampleRate = 48_000, packet = 1024 }: ToneOptions,
): Generator<AudioObservation> {
  const channels = channelNames.length;
  const total = Math.round(seconds * sampleRate);
  for (let first = 0; first < total; first += packet) {
    const length = Math.min(packet, total - first);
    const samples = new Int16Array(length * channels);
    for (let index = 0; index < length; index++) {
      const sinceStart = (first + index) / sampleRate;
      const tone = 32_767 * Math.sin(2 * Math.PI * 1000 * sinceStart + 0.1);
      for (const [channel, name] of channelNames.entries()) {
        samples[index * channels + channel] = Math.round(tone * (envelope(from + sinceStart, name) ?? 0));
      }
    }
    yield { type: 'audio', time: from + first / sampleRate, sampleRate, channels, channelNames, samples };
  }
}
