import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { ActionSettings } from '../../crds/assignment.ts';
import type { Incident, IncidentAction } from '../../crds/incident.ts';
import { type ActedStream, Actions } from '../../monitor/actions/actions.ts';
import { MountedSecrets } from '../../monitor/secrets/mounted-secrets.ts';
import { assignment, closed, identity, incident, opened } from '../unit/notifications/incidents.ts';
import { newWebhookSecret, stateDirectory, until } from './state-directory.ts';
import { type Answer, startWebhookServer } from './webhook-server.ts';

/** Keeps what it is told, as a stream of a shard does. */
class Stream implements ActedStream {
  readonly identity = identity;
  readonly records: IncidentAction[] = [];
  readonly kept = new Map<string, Incident>();
  actionTimes: Record<string, string> = {};
  present = true;

  shows(): boolean {
    return this.present;
  }

  recordAction(latest: Incident, action: IncidentAction): void {
    this.records.push(action);
    this.kept.set(latest.id, { ...latest, actions: [action] });
    if (action.outcome === 'pending') this.actionTimes = { ...this.actionTimes, [action.name]: action.at };
  }
}

/** A receiver and the actions of one process. */
async function setting(answer?: Answer, fields: Partial<ActionSettings> = {}) {
  const directory = stateDirectory();
  const secret = newWebhookSecret();
  directory.writeSecret('router', 'key', secret);
  const receiver = await startWebhookServer(() => secret, answer);
  onTestFinished(() => receiver.close());
  const outcomes: string[] = [];
  const log: string[] = [];
  const actions = new Actions({
    secrets: new MountedSecrets(directory.secrets),
    logger: pino({ level: 'debug' }, { write: (line: string) => log.push(line) }),
    onOutcome: ({ action }, outcome) => outcomes.push(`${action} ${outcome}`),
    retry: { initialSeconds: 0.05, maximumSeconds: 0.1 },
    attemptSeconds: 0.5,
  });
  onTestFinished(() => actions.close());
  const action: ActionSettings = {
    ...{ name: 'switch', match: { detectors: ['freeze'] }, after: 0, cooldown: 300 },
    webhook: { url: receiver.url, secretFrom: { name: 'router', key: 'key' } },
    ...fields,
  };
  actions.configure(assignment({ actions: [action] }).monitors, 'eu-test-1');
  const stream = new Stream();
  actions.addStream(stream);
  const handle = (event: Parameters<Actions['handle']>[1]) => actions.handle(identity, event);
  return { actions, stream, receiver, outcomes, log, handle };
}

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const seconds = {
  type: 'seconds',
  seconds: { from: '', to: '', monitored: 1, blind: {}, defect: [], frames: 25, evidence: {}, cpu: 0 },
} as const;
const json = (body: object, status = 200) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('an action is asked for once, signed, and its answer is kept', async () => {
  const { stream, receiver, outcomes, handle } = await setting(() =>
    json({ result: 'on backup https://router.example/?token=x', other: 'private' }),
  );
  handle(opened());
  handle(seconds);
  handle(opened({ detector: 'black', id: id(2) }));
  await until(() => stream.records.length === 2, 5);
  handle({ ...opened({ revision: 2, actions: stream.kept.get(incident().id)!.actions }), change: 'updated' });
  handle(seconds);
  await sleep(100);
  expect(receiver.unverified()).toBe(0);
  expect(receiver.deliveries).toHaveLength(1);
  expect(receiver.deliveries[0]).toMatchObject({
    id: `${incident().id}.switch`,
    event: {
      id: `${incident().id}.switch`,
      type: 'dev.streammonitor.action',
      subject: 'channel-1',
      region: 'eu-test-1',
      data: { action: 'switch', incident: incident() },
    },
  });
  const [begun, ended] = stream.records;
  expect(begun).toEqual({ name: 'switch', at: expect.any(String), outcome: 'pending' });
  expect(ended).toEqual({ ...begun, outcome: 'delivered', status: 200, result: 'on backup …' });
  expect(outcomes).toEqual(['switch delivered']);
});

test('a header says the result of an answer that is no JSON', async () => {
  const { stream, handle } = await setting(() => ({
    headers: { 'streammonitor-result': 'done' },
    body: 'x'.repeat(100_000),
  }));
  handle(opened());
  await until(() => stream.records.length === 2, 5);
  expect(stream.records[1]).toMatchObject({ outcome: 'delivered', result: 'done' });
});

test('nothing is asked for an incident that closed before, or whose defect is not there', async () => {
  const { stream, receiver, handle } = await setting(undefined, { after: 0.3 });
  const openedAt = () => new Date().toISOString();
  handle(opened({ id: id(1), openedAt: openedAt() }));
  handle(closed({ id: id(1) }));
  stream.present = false;
  handle(opened({ id: id(2), openedAt: openedAt() }));
  await sleep(400);
  handle(seconds);
  await sleep(100);
  expect(receiver.deliveries).toEqual([]);
  stream.present = true;
  handle(seconds);
  await until(() => receiver.deliveries.length === 1, 5);
  expect(receiver.deliveries[0]!.id).toBe(`${id(2)}.switch`);
});

test('another incident waits for the cool-down', async () => {
  const { stream, receiver, outcomes, handle } = await setting(undefined, { cooldown: 1 });
  handle(opened({ id: id(1) }));
  await until(() => stream.records.length === 2, 5);
  handle(closed({ id: id(1), actions: stream.kept.get(id(1))!.actions }));
  handle(opened({ id: id(2) }));
  handle(seconds);
  await sleep(200);
  expect(receiver.deliveries).toHaveLength(1);
  await sleep(900);
  handle(seconds);
  await until(() => receiver.deliveries.length === 2, 5);
  expect(outcomes.slice(0, 2)).toEqual(['switch delivered', 'switch cooldown']);
  const [first, second] = receiver.deliveries;
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);
});

test('a receiver that fails is asked again while the incident is open, one that refuses is not', async () => {
  const answers = [{ status: 503 }, { hang: true }, json({ result: 7 })];
  const failing = await setting((_, number) => answers[number - 1]);
  failing.handle(opened());
  await until(() => failing.stream.records.length === 2, 5);
  expect(failing.stream.records[1]).toEqual({
    ...failing.stream.records[0],
    outcome: 'delivered',
    status: 200,
  });
  expect(new Set(failing.receiver.deliveries.map((delivery) => delivery.id)).size).toBe(1);
  expect(failing.outcomes).toEqual(['switch retried', 'switch retried', 'switch delivered']);

  const refusing = await setting(() => json({ result: 'no such channel' }, 404));
  refusing.handle(opened());
  await until(() => refusing.stream.records.length === 2, 5);
  expect(refusing.stream.records[1]).toMatchObject({
    outcome: 'failed',
    status: 404,
    result: 'no such channel',
  });
  expect(refusing.receiver.deliveries).toHaveLength(1);
});

test('it is given up when the incident closes, and an answer that comes later still is kept', async () => {
  const down = await setting(() => ({ status: 500, body: 'private' }));
  down.handle(opened());
  await until(() => down.outcomes.length > 2, 5);
  down.handle(closed());
  await until(() => down.stream.records.length === 2, 5);
  expect(down.stream.records[1]).toEqual({ ...down.stream.records[0], outcome: 'abandoned' });
  expect(down.stream.kept.get(incident().id)).toMatchObject({ state: 'closed' });
  const asked = down.receiver.deliveries.length;
  await sleep(200);
  expect(down.receiver.deliveries).toHaveLength(asked);
  expect(down.log.join('')).not.toMatch(/private|in-the-url/);

  const slow = await setting(() => ({ ...json({ result: 'late' }), delay: 300 }));
  slow.handle(opened());
  await until(() => slow.receiver.deliveries.length === 1, 5);
  slow.handle(closed());
  await until(() => slow.stream.records.length === 2, 5);
  expect(slow.stream.records[1]).toMatchObject({ outcome: 'delivered', result: 'late' });
  expect(slow.stream.kept.get(incident().id)).toMatchObject({ state: 'closed', revision: 2 });
});

test('whoever goes on with the stream asks again under the same id', async () => {
  const { actions, stream, receiver, outcomes, handle } = await setting((_, number) =>
    number === 1 ? { hang: true } : undefined,
  );
  handle(opened());
  await until(() => receiver.deliveries.length === 1, 5);
  actions.removeStream(identity);
  await sleep(100);
  expect(stream.records).toHaveLength(1);
  actions.addStream(stream);
  // The cool-down has begun, and the defect is still to be seen: neither matters to what was begun.
  stream.present = false;
  handle({ ...opened({ actions: stream.kept.get(incident().id)!.actions }), handedOver: true });
  await until(() => stream.records.length === 2, 5);
  expect(receiver.deliveries.map((delivery) => delivery.id)).toEqual(
    Array(2).fill(`${incident().id}.switch`),
  );
  expect(stream.records[1]).toEqual({ ...stream.records[0], outcome: 'delivered', status: 204 });
  expect(outcomes).toEqual(['switch delivered']);
});
