import type { ConditionReason } from '../../../crds/condition-reasons.ts';
import { type StreamReason, streamReasons } from '../../../crds/stream-state.ts';
import { clipped, counted, countedAre, firstFew, namesByReason } from './bounded-text.ts';
import type { MonitorObservation, StreamListProblem } from './monitor-observation.ts';
import type { StreamStanding } from './stream-standing.ts';
import type { Verdict } from './verdict.ts';

interface Trouble {
  readonly reason: ConditionReason<'Degraded'>;
  readonly message: string;
}

/** What somebody should see to: the most important gives the reason, all are in the message as far as they fit. */
export function degraded(
  observation: MonitorObservation,
  due: readonly StreamStanding[],
): Verdict<'Degraded'> {
  const troubles = [
    ...invalidSpec(observation),
    ...applyFailed(observation),
    ...invalidStreams(observation),
    ...unwatched(due),
    ...streamsDown(due),
    ...overloaded(due),
    ...detectorsFailed(due),
  ];
  const [first] = troubles;
  if (!first) return { status: 'False', reason: 'AsExpected', message: 'There is nothing to see to.' };
  const message = clipped(troubles.map(({ message }) => message).join(' '));
  return { status: 'True', reason: first.reason, message };
}

function invalidSpec({ invalid, placements }: MonitorObservation): Trouble[] {
  if (invalid.length === 0) return [];
  const fields = listed(invalid.map(({ path, message }) => `${path} ${message}`.trim()));
  const effect = placements.length > 0 ? 'The streams stay as they were' : 'No stream is watched';
  return [{ reason: 'InvalidSpec', message: `${effect}, as the spec is refused: ${fields}.` }];
}

function applyFailed({ applyError }: MonitorObservation): Trouble[] {
  if (applyError === undefined) return [];
  return [
    {
      reason: 'ApplyFailed',
      message: `The pods could not be brought up to date: ${clipped(applyError, 500)}.`,
    },
  ];
}

function invalidStreams({ listProblems }: MonitorObservation): Trouble[] {
  if (listProblems.length === 0) return [];
  const subject = counted(listProblems.length, 'problem');
  return [
    {
      reason: 'InvalidStreams',
      message: `${subject} in the stream lists: ${listed(listProblems.map(problem))}.`,
    },
  ];
}

function problem({ configMap, key, index, message }: StreamListProblem): string {
  const place = [`ConfigMap ${configMap}`, ...(key === undefined ? [] : [`key ${key}`])];
  if (index !== undefined) place.push(`index ${index}`);
  return `${place.join(', ')}: ${message}`;
}

/** A few sentences whole rather than many cut off. */
function listed(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 3).map((sentence) => clipped(sentence, 250));
  const more = sentences.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}

function unwatched(due: readonly StreamStanding[]): Trouble[] {
  const withWatch = (watch: StreamStanding['watch']) => due.filter((stream) => stream.watch === watch);
  const shed = withWatch('NoCapacity');
  const lost = withWatch('ShardLost');
  const late = withWatch('NotStarted');
  const troubles: Trouble[] = [];
  if (shed.length > 0) {
    const reasons = namesByReason(
      shed.map(({ name, message }) => ({ name, reason: message ?? 'no capacity' })),
    );
    troubles.push({
      reason: 'NoCapacity',
      message: `${countedAre(shed.length, 'stream')} not placed. ${reasons}.`,
    });
  }
  if (lost.length > 0) {
    troubles.push({
      reason: 'ShardLost',
      message: `${countedAre(lost.length, 'stream')} without a pod: ${names(lost)}.`,
    });
  }
  if (late.length > 0) {
    const message = `${countedAre(late.length, 'stream')} not taken up by any pod: ${names(late)}.`;
    troubles.push({ reason: 'NotStarted', message });
  }
  return troubles;
}

function streamsDown(due: readonly StreamStanding[]): Trouble[] {
  const down = due.filter(({ watch, phase }) => watch === 'Watched' && phase === 'Down');
  if (down.length === 0) return [];
  const reasons = namesByReason(
    down.map(({ name, reason }) => ({
      name,
      reason: `${reason} (${streamReasons[reason as StreamReason]})`,
    })),
  );
  return [{ reason: 'StreamsDown', message: `${countedAre(down.length, 'stream')} down. ${reasons}.` }];
}

function overloaded(due: readonly StreamStanding[]): Trouble[] {
  const slow = due.filter(({ watch, reason }) => watch === 'Watched' && reason === 'Overloaded');
  if (slow.length === 0) return [];
  const message = `${countedAre(slow.length, 'stream')} judged more slowly than they come, as pods get too little CPU: ${names(slow)}.`;
  return [{ reason: 'Overloaded', message }];
}

function detectorsFailed(due: readonly StreamStanding[]): Trouble[] {
  const failed = due.flatMap(({ name, detectorFailures }) =>
    detectorFailures.map((reason) => ({ name, reason: clipped(reason, 250) })),
  );
  if (failed.length === 0) return [];
  return [{ reason: 'DetectorsFailed', message: `Detectors do not run. ${namesByReason(failed)}.` }];
}

function names(streams: readonly StreamStanding[]): string {
  return firstFew(streams.map(({ name }) => name));
}
