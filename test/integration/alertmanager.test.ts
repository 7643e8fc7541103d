import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { MonitorSettings } from '../../crds/assignment.ts';
import { Alerts } from '../../monitor/notifications/alerts.ts';
import { MountedSecrets } from '../../monitor/secrets/mounted-secrets.ts';
import type { DeliveryOutcome } from '../../monitor/spool/delivery.ts';
import { Spool } from '../../monitor/spool/spool.ts';
import { assignment, closed, identity, opened } from '../unit/notifications/incidents.ts';
import { AlertmanagerServer } from './alertmanager-server.ts';
import { eventually } from './run-process.ts';
import { type StateDirectory, stateDirectory, until } from './state-directory.ts';

/** What Alertmanager told its receiver: `firing` or `resolved`, with the severity. */
interface Told {
  readonly status: string;
  readonly severity: string;
}

async function startReceiver(): Promise<{ readonly url: string; readonly told: Told[] }> {
  const told: Told[] = [];
  const server = createServer(async (request, response) => {
    const group = JSON.parse(Buffer.concat(await request.toArray()).toString());
    for (const { status, labels } of group.alerts) told.push({ status, severity: labels.severity });
    response.writeHead(200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/`, told };
}

type Notifications = MonitorSettings['notifications'];

/** The sink of one process; `outcomes` grows. */
function startAlerts(directory: StateDirectory, notifications: Notifications) {
  const outcomes: DeliveryOutcome[] = [];
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const alerts = new Alerts({
    spool: new Spool({ directory: join(directory.state, 'spool'), maximumBytes: 10_000_000, logger }),
    secrets: new MountedSecrets(directory.secrets),
    logger,
    onOutcome: (outcome) => outcomes.push(outcome),
    retry: { initialSeconds: 0.05, maximumSeconds: 0.1 },
    attemptSeconds: 2,
  });
  alerts.configure(assignment({ notifications }).monitors, 'eu-test-1');
  onTestFinished(() => alerts.close());
  return { alerts, outcomes, log };
}

const began = () => new Date(Date.now() - 10_000).toISOString();
/** The sink is told that a second was watched. */
const seconds = {
  type: 'seconds',
  seconds: { from: '', to: '', monitored: 1, blind: {}, defect: [], frames: 25, evidence: {}, cpu: 0 },
} as const;

test('an incident is one alert, from its opening through a rise in severity to its end', async () => {
  const receiver = await startReceiver();
  const server = await AlertmanagerServer.start(receiver.url);
  const directory = stateDirectory();
  directory.writeSecret('am', 'url', `${server.url}/\n`);
  const { alerts, outcomes } = startAlerts(directory, [
    { alertmanager: { urlFrom: { name: 'am', key: 'url' }, pageUrl: 'https://page.example/live/' } },
  ]);
  const startTime = began();
  alerts.handle(identity, opened({ startTime, severity: 'warning', evidence: 'picture.jpg', area: 0.4 }));
  const [alert, ...others] = await eventually('it fires', async () => {
    const firing = await server.firing();
    return firing.length > 0 && firing;
  });
  expect(others).toEqual([]);
  expect(alert).toMatchObject({
    labels: {
      alertname: 'StreamIncident',
      ...identity,
      detector: 'freeze',
      kind: 'freeze',
      severity: 'warning',
      region: 'eu-test-1',
    },
    annotations: {
      summary: expect.stringContaining('channel-1: '),
      description: expect.stringContaining('40 % of the picture'),
      incident: opened().incident.id,
      evidence: 'https://page.example/live/api/evidence/picture.jpg',
    },
    generatorURL: 'https://page.example/live/#/stream/live/sports/channel-1',
  });
  expect(Date.parse(alert!.startsAt)).toBe(Date.parse(startTime));
  // Valid for four minutes from now: should the shard die, nobody is paged for ever.
  expect(Math.abs(Date.parse(alert!.endsAt) - Date.now() - 240_000)).toBeLessThan(5000);

  const worse = opened({ startTime, revision: 2, severity: 'critical' });
  alerts.handle(identity, { ...worse, change: 'updated' });
  await until(() => receiver.told.some(({ severity }) => severity === 'critical'), 10);
  expect((await server.firing()).map(({ labels }) => labels.severity)).toEqual(['critical']);

  const endTime = new Date().toISOString();
  alerts.handle(identity, closed({ startTime, endTime, revision: 3, severity: 'critical' }));
  const resolved = (severity: string) => ({ status: 'resolved', severity });
  await until(() => receiver.told.filter(({ status }) => status === 'resolved').length >= 2, 10);
  expect(receiver.told).toEqual(expect.arrayContaining([resolved('warning'), resolved('critical')]));
  expect(await server.firing()).toEqual([]);
  expect(outcomes.map(({ sink, outcome }) => `${sink} ${outcome}`)).toEqual(
    Array(3).fill('alertmanager delivered'),
  );
});

test('it is repeated while it is open, and not once another shard speaks for the stream', async () => {
  const receiver = await startReceiver();
  const server = await AlertmanagerServer.start(receiver.url);
  const { alerts, outcomes } = startAlerts(stateDirectory(), [{ alertmanager: { url: server.url } }]);
  const endsAt = async () => (await server.firing())[0]?.endsAt;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  const pass = (milliseconds: number) => {
    vi.setSystemTime(Date.now() + milliseconds);
    alerts.handle(identity, seconds);
  };
  alerts.handle(identity, opened({ startTime: began() }));
  await until(() => outcomes.length === 1, 10);
  const first = await endsAt();
  pass(59_000);
  expect(await alerts.drain(5)).toBe(true);
  expect(await endsAt()).toBe(first);
  pass(1000);
  await until(() => outcomes.length === 2, 10);
  expect(Date.parse((await endsAt())!) - Date.parse(first!)).toBeGreaterThan(55_000);

  alerts.removeStream(identity);
  pass(120_000);
  await sleep(200);
  expect(outcomes).toHaveLength(2);
  // The page of whoever is paged stays one: a repetition is nothing new to Alertmanager.
  expect(receiver.told.filter(({ status }) => status === 'firing')).toHaveLength(1);
});

test('whoever is no more to be told gets the end, and whoever is to be told from now on gets what is open', async () => {
  const receiver = await startReceiver();
  const server = await AlertmanagerServer.start(receiver.url);
  const alertmanager = { url: server.url };
  const { alerts } = startAlerts(stateDirectory(), [{ alertmanager }]);
  const firing = async () => (await server.firing()).map(({ annotations }) => annotations.incident);
  const configure = async (notifications: Notifications) => {
    alerts.configure(assignment({ notifications }).monitors, 'eu-test-1');
    expect(await alerts.drain(5)).toBe(true);
  };
  const incident = { startTime: began(), severity: 'warning' as const };
  const { id } = opened().incident;
  alerts.handle(identity, opened(incident));
  expect(await alerts.drain(5)).toBe(true);
  expect(await firing()).toEqual([id]);

  await configure([{ match: { severity: 'critical' }, alertmanager }]);
  expect(await firing()).toEqual([]);
  // Its place in the list is another.
  await configure([{ match: { severity: 'critical' }, alertmanager }, { alertmanager }]);
  expect(await firing()).toEqual([id]);
  await configure([{ alertmanager }]);
  expect(await firing()).toEqual([id]);

  alerts.handle(identity, closed({ ...incident, endTime: new Date().toISOString() }));
  expect(await alerts.drain(5)).toBe(true);
  expect(await firing()).toEqual([]);
  await configure([{ alertmanager }, { alertmanager }]);
  expect(await firing()).toEqual([]);
});

test('an Alertmanager that was down is told how things are when it comes back', async () => {
  const receiver = await startReceiver();
  const server = await AlertmanagerServer.start(receiver.url);
  await server.stop();
  const directory = stateDirectory();
  const notifications: Notifications = [
    { alertmanager: { url: server.url } },
    { match: { severity: 'critical', streams: ['other-*'] }, alertmanager: { url: server.url } },
  ];
  const { alerts, outcomes, log } = startAlerts(directory, notifications);
  const [over, lasting] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
  alerts.handle(identity, opened({ id: over, startTime: began(), kind: 'over' }));
  await until(() => outcomes.length > 0, 5);
  alerts.handle(identity, closed({ id: over, startTime: began(), endTime: began(), kind: 'over' }));
  alerts.handle(identity, opened({ id: lasting, startTime: began() }));
  // A process that is killed leaves what waits; the next one hears again of what is still open.
  await alerts.close();
  const next = startAlerts(directory, notifications);
  next.alerts.handle(identity, opened({ id: lasting, startTime: began() }));
  await sleep(300);
  await server.resume();
  expect(await next.alerts.drain(20)).toBe(true);
  expect((await server.firing()).map(({ annotations }) => annotations.incident)).toEqual([lasting]);
  await until(() => receiver.told.length > 0, 10);
  expect(receiver.told).toEqual([{ status: 'firing', severity: 'critical' }]);
  expect(outcomes.every(({ outcome }) => outcome === 'retried')).toBe(true);
  expect(log.filter((line) => line.includes('"level":40'))).toHaveLength(1);
});
