import { clipped, counted, countedAre } from './bounded-text.ts';
import type { MonitorObservation } from './monitor-observation.ts';
import type { StreamStanding } from './stream-standing.ts';
import type { Verdict } from './verdict.ts';

/** Whether pods are still being brought to what the spec says. */
export function progressing(
  { suspended, placements, waiting, halted }: MonitorObservation,
  due: readonly StreamStanding[],
): Verdict<'Progressing'> {
  if (suspended) {
    const left = new Set(placements.map(({ placement }) => placement.name)).size;
    return left > 0
      ? { status: 'True', reason: 'Suspending', message: `Pods let go of ${counted(left, 'stream')}.` }
      : {
          status: 'False',
          reason: 'Suspended',
          message: 'Nothing is to be done until spec.suspend is false.',
        };
  }
  const moving = due.filter((stream) => stream.moving);
  const inMove = new Set(moving.map(({ name }) => name));
  const queued = new Set(waiting.map(({ name }) => name).filter((name) => !inMove.has(name))).size;
  const pending = due.filter(
    ({ takenUp, moving, watch }) => !takenUp && !moving && watch !== 'NoCapacity',
  ).length;
  if (halted.length > 0) {
    const left = queued > 0 ? ` ${countedAre(queued, 'stream')} still to move.` : '';
    const message = `Moves are halted: ${clipped(halted.toSorted().join('; '), 800)}.${left}`;
    return { status: 'False', reason: 'RolloutHalted', message: clipped(message) };
  }
  if (pending > 0) {
    const message = `${due.length - pending} of ${countedAre(due.length, 'stream')} taken up by pods; ${pending} to go.`;
    return { status: 'True', reason: 'Starting', message };
  }
  if (moving.length + queued > 0) {
    const wait = queued > 0 ? `; ${queued} more ${queued === 1 ? 'waits' : 'wait'} for a turn` : '';
    const message = `${moving.length} of ${countedAre(due.length, 'stream')} moving to another pod${wait}.`;
    return { status: 'True', reason: 'Moving', message };
  }
  return { status: 'False', reason: 'Complete', message: 'Every stream is where it should be.' };
}

/** Whether streams that should be watched are not, be it that no media arrives. */
export function blind({ suspended }: MonitorObservation, due: readonly StreamStanding[]): Verdict<'Blind'> {
  if (suspended)
    return { status: 'False', reason: 'Suspended', message: 'No stream is due while suspended.' };
  const unseen = due.filter(({ phase }) => phase === 'Down');
  const unknown = due.filter(({ phase }) => phase === 'Unknown' || phase === 'Starting');
  if (unseen.length > 0) {
    const also = unknown.length > 0 ? ` Of ${unknown.length} more it is not known.` : '';
    const message = `${unseen.length} of ${countedAre(due.length, 'stream')} not watched: ${commonest(unseen)}.${also}`;
    return { status: 'True', reason: 'StreamsNotWatched', message: clipped(message) };
  }
  if (unknown.length > 0) {
    const message = `${unknown.length} of ${countedAre(due.length, 'stream')} not known to be watched: ${commonest(unknown)}.`;
    return { status: 'Unknown', reason: 'NotKnown', message: clipped(message) };
  }
  return { status: 'False', reason: 'AllWatched', message: 'No stream that is due goes unwatched.' };
}

/** `Unauthorized 3, NotFound 1`: reasons are few and bounded. */
function commonest(streams: readonly StreamStanding[]): string {
  return [...Map.groupBy(streams, ({ reason }) => reason)]
    .map(([reason, members]) => ({ reason, count: members.length }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
    .map(({ reason, count }) => `${reason} ${count}`)
    .slice(0, 5)
    .join(', ');
}
