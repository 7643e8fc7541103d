import { clipped, counted, countedAre, firstFew, namesByReason } from './bounded-text.ts';
import type { MonitorObservation } from './monitor-observation.ts';
import type { StreamStanding, Watch } from './stream-standing.ts';
import type { Verdict } from './verdict.ts';

/** Whether everything that is due is watched, by what the shards themselves say. */
export function ready(observation: MonitorObservation, due: readonly StreamStanding[]): Verdict<'Ready'> {
  const { invalid, suspended, streams, outsideWindow, applyError } = observation;
  if (invalid.length > 0)
    return no('InvalidSpec', 'The spec is refused, see Degraded; nothing of it is applied.');
  if (suspended) return no('Suspended', 'No stream is watched until spec.suspend is false.');
  if (streams.length === 0) return no('NoStreams', noStreams(observation));
  if (due.length === 0) {
    const message = `${countedAre(outsideWindow.length, 'stream')} outside the window; none is due now.`;
    return { status: 'True', reason: 'OutsideWindow', message };
  }
  const unwatched = due.filter(({ watch }) => watch !== 'Watched');
  if (unwatched.length > 0 && applyError !== undefined) {
    return no('ApplyFailed', `${of(unwatched, due)} not watched: ${applyError}`);
  }
  for (const [watch, judge] of judgements) {
    const affected = due.filter((stream) => stream.watch === watch);
    if (affected.length > 0) return bounded(judge(affected, due));
  }
  return { status: 'True', reason: 'Watching', message: watching(due, outsideWindow.length) };
}

type Judge = (affected: readonly StreamStanding[], due: readonly StreamStanding[]) => Verdict<'Ready'>;

const judgements: readonly (readonly [Watch, Judge])[] = [
  [
    'NoCapacity',
    (affected, due) =>
      no(
        'NoCapacity',
        `${of(affected, due)} not watched. ${namesByReason(
          affected.map(({ name, message }) => ({ name, reason: message ?? 'no capacity' })),
        )}.`,
      ),
  ],
  [
    'ShardLost',
    (affected, due) => no('ShardLost', `${of(affected, due)} without a pod: ${names(affected)}.`),
  ],
  [
    'NotStarted',
    (affected, due) =>
      no(
        'NotStarted',
        `${of(affected, due)} not taken up by any pod: ${names(affected)}. See the pods' events.`,
      ),
  ],
  [
    'Silent',
    (affected, due) => ({
      status: 'Unknown',
      reason: 'ShardSilent',
      message: `${of(affected, due)} on pods that do not answer: ${names(affected)}.`,
    }),
  ],
  [
    'Starting',
    (affected, due) => ({
      status: 'Unknown',
      reason: 'Starting',
      message: `${of(affected, due)} starting: ${names(affected)}.`,
    }),
  ],
];

function no(reason: Verdict<'Ready'>['reason'], message: string): Verdict<'Ready'> {
  return bounded({ status: 'False', reason, message });
}

function bounded(verdict: Verdict<'Ready'>): Verdict<'Ready'> {
  return { ...verdict, message: clipped(verdict.message) };
}

function names(streams: readonly StreamStanding[]): string {
  return firstFew(streams.map(({ name }) => name));
}

/** `3 of 20 streams are`. */
function of(affected: readonly StreamStanding[], due: readonly StreamStanding[]): string {
  return `${affected.length} of ${countedAre(due.length, 'stream')}`;
}

function watching(due: readonly StreamStanding[], outside: number): string {
  const down = due.filter(({ phase }) => phase === 'Down').length;
  const ended = due.filter(({ phase }) => phase === 'Ended').length;
  const parts = [
    due.length === 1 ? 'The stream is watched' : `All ${due.length} streams are watched`,
    ...(down > 0 ? [`${down} of them without media`] : []),
    ...(ended > 0 ? [`${ended} of them to the end`] : []),
    ...(outside > 0 ? [`${counted(outside, 'more stream')} outside the window`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function noStreams({ listProblems }: MonitorObservation): string {
  return listProblems.length > 0
    ? 'No entry of the stream lists can be used, see Degraded.'
    : 'There is no stream to watch: no stream list was found, or none has entries; see spec.streamsFrom.';
}
