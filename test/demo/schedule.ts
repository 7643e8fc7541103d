/** A part of a stream, in seconds from its start. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What the demo does to a stream, by real means. */
export type DefectKind = 'freeze' | 'black' | 'silence' | 'late-audio' | 'lost-packets' | 'sender-stop';

export type StreamName = 'cartoon-hls' | 'film-srt' | 'road-udp' | 'clean-udp';

export interface PlannedDefect extends Span {
  readonly stream: StreamName;
  readonly kind: DefectKind;
  /** The detector that has to find it. */
  readonly detector: string;
  readonly description: string;
}

export const leastSeconds = 90;
/** Late audio needs several periods of the sync marker before and after each change. */
const leastLateAudio = 20;

/**
 * Which defect comes when: each kind once, no two at a time in one stream, none before a monitor has surely
 * started, all early enough to be seen to end. `clean-udp` has none.
 * @param seconds length of the demo
 * @throws RangeError when that is too short for all of them
 */
export function demoSchedule(seconds: number): readonly PlannedDefect[] {
  if (!(seconds >= leastSeconds)) {
    throw new RangeError(`SECONDS is ${seconds}; the demo's defects need at least ${leastSeconds}`);
  }
  const span = (start: number, length: number): Span => ({
    from: Math.round(start * seconds),
    to: Math.round(start * seconds) + Math.round(length),
  });
  return [
    {
      ...{ stream: 'cartoon-hls', kind: 'freeze', detector: 'freeze', ...span(0.2, 8) },
      description: 'the picture stands still at the source, sound goes on',
    },
    {
      ...{ stream: 'road-udp', kind: 'lost-packets', detector: 'block-corruption', ...span(0.22, 8) },
      description: 'one UDP packet in 25 is lost on the way',
    },
    {
      ...{ stream: 'film-srt', kind: 'silence', detector: 'silence', ...span(0.3, 8) },
      description: 'all channels are silent',
    },
    {
      ...{ stream: 'road-udp', kind: 'late-audio', detector: 'av-sync' },
      ...span(0.5, Math.max(leastLateAudio, 0.2 * seconds)),
      description: 'sound comes 300 ms late',
    },
    {
      ...{ stream: 'cartoon-hls', kind: 'black', detector: 'black', ...span(0.56, 6) },
      description: 'the picture is black',
    },
    {
      ...{ stream: 'film-srt', kind: 'sender-stop', detector: 'stall', ...span(0.6, 10) },
      description: 'the sender dies and comes back',
    },
  ];
}
