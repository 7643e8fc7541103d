import { randomBytes } from 'node:crypto';
import { microTime } from './micro-time.ts';
import type { KubeObject } from './resource.ts';

/** An object that an event speaks of. Without its uid `kubectl describe` would not show the event. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Left out for objects without one. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

/** Something that happened to an object. */
export interface Occurrence {
  readonly regarding: ObjectReference;
  /** Another object that has to do with it. */
  readonly related?: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** Why, for programs: CamelCase, 128 characters at most. */
  readonly reason: string;
  /** What was done or failed, for programs: CamelCase, 128 characters at most. */
  readonly action: string;
  /** For people; cut off after 1024 bytes. */
  readonly note: string;
}

/** Who reports events. */
export interface Reporter {
  /** As `example.org/operator`. */
  readonly controller: string;
  /** Name of the pod, for example; 128 characters at most. */
  readonly instance: string;
}

/** That something happened several times. */
export interface EventSeries {
  /** 2 at least. */
  count: number;
  lastObservedTime: string;
}

/** An Event (events.k8s.io/v1). All but its series is fixed once it was created. */
export interface Event extends KubeObject {
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  regarding: ObjectReference;
  related?: ObjectReference;
  type: string;
  reason: string;
  action: string;
  note: string;
  series?: EventSeries;
}

const longestNote = 1024;

/** @throws Error when it has no uid, apiVersion or kind: it did not come from the server */
export function referenceTo({ apiVersion, kind, metadata }: KubeObject): ObjectReference {
  const { namespace, name, uid } = metadata;
  if (!apiVersion || !kind || !uid) {
    throw new Error(`${name} has no apiVersion, kind or uid: take the object as the server returned it`);
  }
  return { apiVersion, kind, namespace, name, uid };
}

/** The object that tells of an occurrence, under a name of its own beside the object that it regards. */
export function eventOf(occurrence: Occurrence, reporter: Reporter, time: Date): Event {
  const { regarding, related, type, reason, action, note } = occurrence;
  return {
    metadata: { name: eventName(regarding.name), namespace: regarding.namespace ?? 'default' },
    eventTime: microTime(time),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance,
    regarding,
    ...(related && { related }),
    type,
    reason,
    action,
    note: cutOff(note),
  };
}

/** Room for the random end within the 253 characters of a name, which is one of DNS whatever the object's may be. */
export function eventName(regarding: string): string {
  const start = regarding.toLowerCase().replace(/[^a-z0-9]+/g, (between) => (between === '.' ? '.' : '-'));
  return `${start.slice(0, 200).replace(/^[.-]+|[.-]+$/g, '') || 'object'}.${randomBytes(8).toString('hex')}`;
}

function cutOff(note: string): string {
  if (Buffer.byteLength(note) <= longestNote) return note;
  const ellipsis = '…';
  const room = longestNote - Buffer.byteLength(ellipsis);
  // What of a character was cut apart comes out as U+FFFD.
  return (
    Buffer.from(note)
      .subarray(0, room)
      .toString()
      .replace(/\uFFFD+$/, '') + ellipsis
  );
}
