import type { AudioObservation, Detector, EpochObservation, Judgement, Unknown } from '../contract.ts';

/** Audio whose timestamps jump by more than this, in seconds, does not continue what came before, unless holes may be. */
const jitter = 0.1;
/** Pictures or time that pass for this long, in seconds, with no sound at all: the declared track is empty. */
const patience = 10;

/** Judges sound of one format, without holes or with those that it bears. */
export interface Listener {
  hear(audio: AudioObservation): readonly Judgement[];
}

/**
 * A detector that only listens: `begin` is called for each stretch of sound in one format without a hole longer than
 * `bears` seconds, and what the stretch before left present is over with its end.
 */
export function listen(begin: (first: AudioObservation) => Listener, bears = jitter): Detector {
  const longestHole = Math.max(bears, jitter);
  let epoch: EpochObservation | undefined;
  let stretch: { format: string; end: number; listener: Listener } | undefined;
  let reason: string | undefined;
  const present = new Map<string, Judgement>();

  function hear(audio: AudioObservation): Judgement[] {
    const format = `${audio.sampleRate} ${audio.channelNames.join()}`;
    const said: Judgement[] = [];
    const hole = stretch ? audio.time - stretch.end : 0;
    if (!stretch || stretch.format !== format || hole < -jitter || hole > longestHole) {
      for (const { kind, channel } of present.values()) {
        said.push({ time: audio.time, kind, score: 0, ...(channel !== undefined && { channel }) });
      }
      present.clear();
      stretch = { format, end: 0, listener: begin(audio) };
    }
    stretch.end = audio.time + audio.samples.length / audio.channels / audio.sampleRate;
    for (const judgement of stretch.listener.hear(audio)) {
      const key = `${judgement.kind} ${judgement.channel}`;
      if (judgement.score > 0) present.set(key, judgement);
      else present.delete(key);
      said.push(judgement);
    }
    return said;
  }

  function unknownAt(time: number): string | undefined {
    if (!epoch || stretch) return undefined;
    if (!epoch.hasAudio) return 'no audio in this stream';
    return time - epoch.time >= patience ? 'the stream declares audio but none arrives' : undefined;
  }

  return {
    step(observation) {
      const said: (Judgement | Unknown)[] = [];
      if (observation.type === 'epoch') {
        epoch = observation;
        stretch = undefined;
        present.clear();
      } else if (observation.type === 'audio' && observation.samples.length > 0) {
        said.push(...hear(observation));
      }
      const unknown = unknownAt(observation.time);
      if (unknown !== reason) said.push({ unknown });
      reason = unknown;
      return said;
    },
  };
}
