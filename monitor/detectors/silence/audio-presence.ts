import type { AudioObservation, ClockObservation, EpochObservation, Judgement } from '../contract.ts';

/** A gap between runs of audio shorter than this, in seconds, is jitter of timestamps. */
const jitter = 0.1;
/** Pictures that arrive for this long, in seconds, with no sound at all: the declared track is empty. */
const patience = 10;
/** Least time without sound, in seconds, that counts as a lack while only arrival can be seen. */
const leastIdle = 2;

/** Whether sound arrives at all, and without holes. */
export class AudioPresence {
  readonly #minDuration: number;
  #epoch: EpochObservation | undefined;
  /** End of the audio so far in this epoch. */
  #end: number | undefined;
  #missing = false;

  constructor(minDuration: number) {
    this.#minDuration = minDuration;
  }

  begin(epoch: EpochObservation): void {
    this.#epoch = epoch;
    this.#end = undefined;
    this.#missing = false;
  }

  /** Why silence cannot be judged at `time`. */
  unknownAt(time: number): string | undefined {
    if (!this.#epoch || this.#end !== undefined) return undefined;
    if (!this.#epoch.hasAudio) return 'no audio in this stream';
    return time - this.#epoch.time >= patience ? 'the stream declares audio but none arrives' : undefined;
  }

  /** Whether this run of audio does not continue the one before. */
  interrupted(audio: AudioObservation): boolean {
    return this.#end !== undefined && Math.abs(audio.time - this.#end) > jitter;
  }

  /** A hole in the timestamps is seen with the audio that comes after it: its onset and its end at once. */
  audio(audio: AudioObservation): Judgement[] {
    const began = this.#end;
    const over = { time: audio.time, kind: 'no-audio', score: 0, since: audio.time } as const;
    const missed = this.#missing;
    this.#missing = false;
    this.#end = audio.time + audio.samples.length / audio.channels / audio.sampleRate;
    const gap = began === undefined ? 0 : audio.time - began;
    if (gap > jitter) return [{ ...over, score: this.#score(gap, this.#minDuration), since: began! }, over];
    return missed ? [over] : [];
  }

  clock({ time, audioIdle, videoIdle, expectedGap }: ClockObservation): Judgement[] {
    if (this.#end === undefined || audioIdle === undefined) return [];
    const limit = Math.max(this.#minDuration, expectedGap, leastIdle);
    if (videoIdle === undefined || videoIdle > expectedGap) {
      // Nothing arrives at all: that is a stall, and the timeline runs on without a hole in the audio.
      if (audioIdle > expectedGap && !this.#missing) this.#end = Math.max(this.#end, time);
      return [];
    }
    // A stall that ends with a few last pictures leaves no sound behind that a viewer would miss.
    const missing = Math.min(audioIdle, time - this.#end);
    this.#missing = missing >= limit;
    return [{ time, kind: 'no-audio', score: this.#score(missing, limit), since: this.#end }];
  }

  #score(seconds: number, limit: number): number {
    return limit > 0 ? Math.min(1, (0.5 * seconds) / limit) : 1;
  }
}
