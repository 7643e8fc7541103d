import { FlashOnsets } from './av-sync/flash-onsets.ts';
import { MarkerOffset } from './av-sync/marker-offset.ts';
import { OffsetJudge, type OffsetReading, type Tolerances, thresholds } from './av-sync/offset-judge.ts';
import { ReferenceOffset } from './av-sync/reference-offset.ts';
import { TimestampOffset } from './av-sync/timestamp-offset.ts';
import { ToneOnsets } from './av-sync/tone-onsets.ts';
import {
  type AudioObservation,
  defineDetector,
  type FrameObservation,
  type Judgement,
  type Observation,
  type ReferenceObservation,
  type Unknown,
} from './contract.ts';

/** Without a pair for this long the marker is gone: two of the longest periods and one lost pair, in seconds. */
const markerPatience = 15;
/** Errors of single comparisons with a reference are a few ms, and of those that agree less, in seconds. */
const referenceResolution = 0.01;
/** Least offset that time stamps alone are believed for, in seconds. */
const timestampResolution = 0.02;

const reasons = {
  noVideo: 'the stream has no video',
  noAudio: 'the stream has no audio',
  noEvidence: 'no sync marker and no timestamp fault seen; the content alone cannot tell',
} as const;

type Said = readonly (Judgement | Unknown)[];

/**
 * Audio against video. The offset is the time of the picture less the time of the sound that belongs to it:
 * **positive when audio is early, negative when it is late**. Three kinds of evidence, the better one first:
 *
 * 1. A reference, where the stream has one: the lag of the picture behind that of the reference, less the lag of the
 *    sound, each found by correlation over 12 s (after the idea of SMPTE ST 2064). On any content that moves and
 *    sounds; exact to some ms.
 * 2. A sync marker in the programme: a white flash of one to three frames that covers the top-left box, a quarter
 *    of the width by a quarter of the height, or the whole picture, and a tone burst (1 kHz by default) of 40 to
 *    100 ms that starts with the flash, every 1.5 to 5 s. Range ±0.65 s, exact to one frame interval. Three equal
 *    periods with one offset make a marker, so that cuts on the beat and gunfire make none.
 * 3. Time stamps that jump or drift on one track alone, and media that bears it out.
 *
 * Where neither speaks the answer is unknown, never "in sync". Default tolerances are the limits of detectability
 * of ITU-R BT.1359-1 (+45 ms, −125 ms); EBU R37 asks for +40 and −60 ms at the end of a production chain.
 */
export default defineDetector({
  manifest: {
    type: 'av-sync',
    title: 'Audio out of sync',
    description: 'Sound comes before or after the picture that it belongs to.',
    kinds: {
      'audio-late': { description: 'sound comes after the picture' },
      'audio-early': { description: 'sound comes before the picture' },
    },
    needs: ['reduced', 'audio', 'clock', 'reference'],
    cost: { fixed: 3, perMegapixel: 0 },
    // Three marker pairs (two, once it is known), or many seconds of time stamps, agree before anything is said:
    // that is the persistence.
    defaults: { enabled: true, severity: 'warning', minDuration: '2s' },
    thresholds,
    parameters: {
      toleranceEarly: {
        type: 'duration',
        default: '45ms',
        minimum: '10ms',
        maximum: '500ms',
        description: 'Audio may be this much early; less than one frame interval is never told apart.',
      },
      toleranceLate: {
        type: 'duration',
        default: '125ms',
        minimum: '10ms',
        maximum: '500ms',
        description: 'Audio may be this much late; less than one frame interval is never told apart.',
      },
      markerTone: {
        type: 'number',
        default: 1000,
        minimum: 400,
        maximum: 6000,
        unit: 'Hz',
        description: 'Frequency of the tone burst of the sync marker.',
      },
    },
  },
  create: (parameters) => {
    const sync = new Synchronisation(parameters);
    return { step: (observation) => sync.step(observation) };
  },
});

class Synchronisation {
  readonly #flashes = new FlashOnsets();
  readonly #tones: ToneOnsets;
  readonly #marker = new MarkerOffset();
  readonly #timestamps = new TimestampOffset();
  readonly #reference = new ReferenceOffset();
  readonly #judge: OffsetJudge;
  #videoTime = Number.NEGATIVE_INFINITY;
  #audioTime = Number.NEGATIVE_INFINITY;
  /** Whether both tracks are there; until the first epoch says so, they may be. */
  #missing: string | undefined;
  /** What the last reading came from, and when. */
  #told: { readonly source: OffsetReading['source']; readonly time: number } | undefined;
  /** Why a reference that the stream has tells nothing; absent without a reference, and while it tells. */
  #referenceUnknown: string | undefined;
  /** The remark that stands: absent before the first, `undefined` inside while the detector can tell. */
  #remark: Unknown | undefined;

  constructor({ markerTone, ...tolerances }: Tolerances & { readonly markerTone: number }) {
    this.#tones = new ToneOnsets(markerTone);
    this.#judge = new OffsetJudge(tolerances);
  }

  step(observation: Observation): Said {
    switch (observation.type) {
      case 'epoch':
        this.#reset();
        this.#missing = missingTrack(observation);
        return this.#cannotTell();
      case 'audio':
        return this.#audio(observation);
      case 'frame':
        return this.#frame(observation);
      case 'clock':
        return this.#patience(observation.time);
      case 'reference':
        return this.#compared(observation);
      default:
        return [];
    }
  }

  #audio(audio: AudioObservation): Said {
    const duration = audio.samples.length / audio.channels / audio.sampleRate;
    this.#timestamps.audio(audio.time, duration);
    for (const onset of this.#tones.step(audio)) this.#marker.tone(onset);
    this.#audioTime = audio.time + duration;
    return this.#readMarker();
  }

  #frame({ time, reduced }: FrameObservation): Said {
    const flash = this.#flashes.step(time, reduced);
    if (flash) this.#marker.flash(flash);
    this.#videoTime = time;
    return [...this.#readMarker(), ...this.#readTimestamps(time), ...this.#patience(time)];
  }

  #compared(observation: ReferenceObservation): Said {
    if (this.#missing) return [];
    const reading = this.#reference.step(observation);
    if ('unknown' in reading) {
      this.#referenceUnknown = reading.unknown;
      return this.#told && this.#told.source !== 'reference' ? [] : this.#cannotTell();
    }
    this.#referenceUnknown = undefined;
    return this.#tell(observation.time, {
      ...reading,
      resolution: referenceResolution,
      source: 'reference',
    });
  }

  #readMarker(): Said {
    const reading = this.#marker.settle(this.#videoTime, this.#audioTime);
    if (this.#told?.source === 'reference') return [];
    return reading ? this.#tell(this.#now(), { ...reading, source: 'marker' }) : [];
  }

  #readTimestamps(time: number): Said {
    const reading = this.#timestamps.frame(time);
    // The marker measures what a viewer gets; time stamps only what somebody did to them.
    if (!reading || this.#told?.source === 'marker' || this.#told?.source === 'reference') return [];
    if (reading === 'none') return this.#told ? this.#recover(time) : [];
    const { offset, since } = reading;
    const confidence = reading.evidence === 'jump' ? 0.8 : 0.6;
    const judged: OffsetReading = {
      offset,
      since,
      resolution: timestampResolution,
      confidence,
      source: 'timestamps',
    };
    return this.#told || this.#judge.outside(judged) ? this.#tell(time, judged) : [];
  }

  /** The time stamps came back to where they were. Whether that is in sync nobody knows, but the fault is over. */
  #recover(time: number): Said {
    const over: OffsetReading = {
      offset: 0,
      since: time,
      resolution: timestampResolution,
      confidence: 0.5,
      source: 'timestamps',
    };
    return [...this.#judge.judge(time, over), ...this.#cannotTell()];
  }

  #tell(time: number, reading: OffsetReading): Said {
    this.#told = { source: reading.source, time };
    return [...this.#say(undefined), ...this.#judge.judge(time, reading)];
  }

  #patience(time: number): Said {
    if (!this.#remark) return this.#cannotTell();
    return this.#told?.source === 'marker' && time - this.#told.time > markerPatience
      ? this.#cannotTell()
      : [];
  }

  #cannotTell(): Said {
    this.#told = undefined;
    this.#judge.reset();
    return this.#say(this.#missing ?? this.#referenceUnknown ?? reasons.noEvidence);
  }

  #say(unknown: string | undefined): Said {
    if (this.#remark && this.#remark.unknown === unknown) return [];
    this.#remark = { unknown };
    return [this.#remark];
  }

  #now(): number {
    return Math.max(this.#videoTime, this.#audioTime);
  }

  #reset(): void {
    this.#flashes.reset();
    this.#tones.reset();
    this.#marker.reset();
    this.#timestamps.reset();
    this.#reference.reset();
    this.#videoTime = Number.NEGATIVE_INFINITY;
    this.#audioTime = Number.NEGATIVE_INFINITY;
  }
}

function missingTrack({ hasVideo, hasAudio }: { readonly hasVideo: boolean; readonly hasAudio: boolean }) {
  if (!hasVideo) return reasons.noVideo;
  return hasAudio ? undefined : reasons.noAudio;
}
