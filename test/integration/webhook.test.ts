import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { WebhookTarget } from '../../crds/assignment.ts';
import { Notifier } from '../../monitor/notifications/notifier.ts';
import { MountedSecrets } from '../../monitor/secrets/mounted-secrets.ts';
import type { DeliveryOutcome } from '../../monitor/spool/delivery.ts';
import { Spool } from '../../monitor/spool/spool.ts';
import { assignment, closed, identity, opened } from '../unit/notifications/incidents.ts';
import { startDelivery } from './delivery-runner.ts';
import { newWebhookSecret, type StateDirectory, stateDirectory, until } from './state-directory.ts';
import { type Answer, startWebhookServer, type WebhookServer } from './webhook-server.ts';

interface Setting {
  readonly directory: StateDirectory;
  readonly secret: { current: string };
  readonly outcomes: DeliveryOutcome[];
  readonly log: string[];
  server(answer?: Answer, port?: number): Promise<WebhookServer>;
  notifier(targets: readonly WebhookTarget[]): Notifier;
}

/** A secret, and what starts receivers and notifiers that end with the test. */
function setting(): Setting {
  const directory = stateDirectory();
  const secret = { current: newWebhookSecret() };
  directory.writeSecret('webhook', 'key', secret.current);
  const outcomes: DeliveryOutcome[] = [];
  const log: string[] = [];
  return {
    directory,
    secret,
    outcomes,
    log,
    server: async (answer, port) => {
      const server = await startWebhookServer(() => secret.current, answer, port);
      onTestFinished(() => server.close().catch(() => {}));
      return server;
    },
    notifier: (targets) => {
      const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
      const notifier = new Notifier({
        spool: new Spool({ directory: join(directory.state, 'spool'), maximumBytes: 10_000_000, logger }),
        secrets: new MountedSecrets(directory.secrets),
        logger,
        onOutcome: (outcome) => outcomes.push(outcome),
        retry: { initialSeconds: 0.05, maximumSeconds: 0.1 },
        attemptSeconds: 0.5,
      });
      notifier.configure(assignment({}, targets).monitors, 'eu-test-1');
      onTestFinished(() => notifier.close());
      return notifier;
    },
  };
}

const signed = ({ url }: { readonly url: string }): WebhookTarget => ({
  url,
  secretFrom: { name: 'webhook', key: 'key' },
});
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const count = (outcomes: readonly DeliveryOutcome[], outcome: string) =>
  outcomes.filter((one) => one.outcome === outcome).length;

describe('a webhook', () => {
  test('gets signed CloudEvents, in order, with its own headers', async () => {
    const { directory, server, notifier, outcomes } = setting();
    directory.writeSecret('webhook', 'headers', 'Authorization: Bearer t0ken\nX-Team:  sports \n');
    directory.writeSecret('webhook', 'url', '');
    const receiver = await server();
    directory.writeSecret('webhook', 'url', `${receiver.url}\n`);
    const target = {
      urlFrom: { name: 'webhook', key: 'url' },
      secretFrom: { name: 'webhook', key: 'key' },
      headersFrom: { name: 'webhook', key: 'headers' },
    };
    const subject = notifier([target]);
    subject.handle(identity, { ...opened(), evidence: { scores: [[12, 0.9]] } });
    subject.handle(identity, { type: 'reconnect', reason: 'of no concern' });
    subject.handle(identity, closed());
    expect(await subject.drain(5)).toBe(true);

    expect(receiver.unverified()).toBe(0);
    expect(receiver.deliveries.map(({ event }) => event.type)).toEqual([
      'dev.streammonitor.incident.opened',
      'dev.streammonitor.incident.closed',
    ]);
    const { headers, event, id: webhookId } = receiver.deliveries[0]!;
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      authorization: 'Bearer t0ken',
      'x-team': 'sports',
    });
    expect(webhookId).toBe(event.id);
    expect(event).toMatchObject({ specversion: '1.0', subject: 'channel-1', region: 'eu-test-1' });
    expect(event.data).toEqual({ incident: opened().incident, scores: [[12, 0.9]] });
    expect(outcomes).toHaveLength(2);
    expect(outcomes[1]).toMatchObject({
      sink: 'webhook',
      outcome: 'delivered',
      namespace: 'live',
      monitor: 'sports',
    });
    expect(outcomes[1]!.latencySeconds).toBeLessThan(5);
  });

  test('gets each change once it works again: refused connections, 500, 503 and silence', async () => {
    const { server, notifier, outcomes, log, directory } = setting();
    const closing = await server();
    const { port } = closing;
    await closing.close();
    const subject = notifier([signed(closing)]);
    subject.handle(identity, opened());
    subject.handle(identity, closed());
    await until(() => count(outcomes, 'retried') >= 2, 5);

    const answers = [{ status: 500, body: 'private' }, { hang: true }, { status: 503 }, { status: 302 }];
    const receiver = await server((_, number) => answers[number - 1], port);
    expect(await subject.drain(10)).toBe(true);
    const [first, last] = [`${opened().incident.id}.1`, `${opened().incident.id}.2`];
    expect(receiver.deliveries.map((delivery) => delivery.id)).toEqual([
      first,
      first,
      first,
      first,
      first,
      last,
    ]);
    expect(receiver.acknowledged).toEqual([first, last]);
    expect(readdirSync(join(directory.state, 'spool'))).toEqual(['aside']);
    // One warning for the outage, one line for its end; neither bodies nor the URL's token.
    expect(log.filter((line) => line.includes('"level":40'))).toHaveLength(1);
    expect(log.filter((line) => line.includes('succeed again'))).toHaveLength(1);
    expect(log.join('')).not.toMatch(/private|in-the-url/);
  });

  test('is left alone for as long as Retry-After says', async () => {
    const { server, notifier } = setting();
    const receiver = await server((_, number) =>
      number === 1 ? { status: 429, headers: { 'retry-after': '1' } } : undefined,
    );
    const subject = notifier([signed(receiver)]);
    subject.handle(identity, opened({ id: id(1) }));
    await until(() => receiver.deliveries.length === 1, 5);
    await sleep(100);
    subject.handle(identity, opened({ id: id(2) }));
    expect(await subject.drain(5)).toBe(true);
    const [first, second] = receiver.deliveries;
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(990);
    expect(receiver.acknowledged.toSorted()).toEqual([`${id(1)}.1`, `${id(2)}.1`]);
  });

  test('that refuses for good is not asked again, and what it refused is kept', async () => {
    const { server, notifier, outcomes, log, directory } = setting();
    const receiver = await server(({ id: one }) => (one.endsWith('.1') ? { status: 410 } : undefined));
    const subject = notifier([signed(receiver)]);
    subject.handle(identity, opened());
    subject.handle(identity, closed());
    expect(await subject.drain(5)).toBe(true);
    expect(receiver.deliveries).toHaveLength(2);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'delivered']);
    expect(log.filter((line) => line.includes('HTTP 410'))).toHaveLength(1);
    expect(readdirSync(join(directory.state, 'spool', 'aside'))).toHaveLength(1);
  });

  test('that hangs on one incident still gets the others, and holds up no other webhook', async () => {
    const { server, notifier } = setting();
    const stuck = await server(({ event }) =>
      event.data.incident.id === id(1) ? { hang: true } : undefined,
    );
    const good = await server();
    const subject = notifier([signed(stuck), signed(good)]);
    for (let number = 1; number <= 20; number++) {
      subject.handle(identity, opened({ id: id(number) }));
      subject.handle(identity, closed({ id: id(number) }));
    }
    await until(() => stuck.acknowledged.length === 38 && good.acknowledged.length === 40, 5);
    for (let number = 2; number <= 20; number++) {
      expect(stuck.acknowledged.indexOf(`${id(number)}.1`)).toBeLessThan(
        stuck.acknowledged.indexOf(`${id(number)}.2`),
      );
    }
    expect(stuck.deliveries.some((delivery) => delivery.id === `${id(1)}.2`)).toBe(false);
  });

  test('sees a rotated secret with the next request', async () => {
    const { server, notifier, secret, directory } = setting();
    const receiver = await server();
    const subject = notifier([signed(receiver)]);
    subject.handle(identity, opened());
    await subject.drain(5);
    secret.current = newWebhookSecret();
    directory.writeSecret('webhook', 'key', secret.current);
    subject.handle(identity, closed());
    await subject.drain(5);
    expect([receiver.acknowledged.length, receiver.unverified()]).toEqual([2, 0]);
  });

  test('waits for a secret that is not mounted yet', async () => {
    const { server, notifier, secret, directory, outcomes, log } = setting();
    const receiver = await server();
    const subject = notifier([{ url: receiver.url, secretFrom: { name: 'later', key: 'key' } }]);
    subject.handle(identity, opened());
    await until(() => count(outcomes, 'retried') > 0, 5);
    expect(log.some((line) => line.includes('later'))).toBe(true);
    directory.writeSecret('later', 'key', secret.current);
    expect(await subject.drain(5)).toBe(true);
    expect(receiver.acknowledged).toHaveLength(1);
  });

  test('gets the picture with the change, or the change without one that comes too late', async () => {
    const { server, notifier } = setting();
    const receiver = await server();
    const subject = notifier([signed(receiver)]);
    subject.handle(identity, opened({ id: id(1) }), sleep(100, Buffer.from('jpeg')));
    subject.handle(identity, closed({ id: id(1) }));
    subject.handle(identity, opened({ id: id(2) }), new Promise(() => {}));
    subject.handle(identity, opened({ id: id(3) }), Promise.reject(new Error('no picture')));
    expect(await subject.drain(5)).toBe(true);
    const data = (event: string) => receiver.deliveries.find((one) => one.id === event)!.event.data;
    expect(data(`${id(1)}.1`).picture?.base64).toBe(Buffer.from('jpeg').toString('base64'));
    expect(receiver.acknowledged.indexOf(`${id(1)}.1`)).toBeLessThan(
      receiver.acknowledged.indexOf(`${id(1)}.2`),
    );
    for (const number of [2, 3]) expect(data(`${id(number)}.1`)).not.toHaveProperty('picture');
  });

  test('of a StreamMonitor that has left the shard still hears its last change', async () => {
    const { server, notifier } = setting();
    const receiver = await server();
    const subject = notifier([signed(receiver)]);
    subject.handle(identity, opened());
    subject.configure({});
    subject.handle(identity, closed());
    expect(await subject.drain(5)).toBe(true);
    expect(receiver.acknowledged).toHaveLength(2);
  });
});

describe('a killed process', () => {
  test('loses no change that it took on, and the next one uses the same ids', async () => {
    const { directory, server } = setting();
    // Some requests are answered, some are under way, the rest waits when the process is killed.
    const receiver = await server((_, number) => (number > 10 ? { hang: true } : { delay: 20 }));
    const targets = assignment({}, [signed(receiver)]);
    const killed = startDelivery(directory, targets, 1000);
    await until(() => receiver.deliveries.length > 10 && killed.accepted.length > 40, 20);
    await killed.kill();
    const accepted = [...killed.accepted];
    await receiver.close();

    const again = await server(undefined, receiver.port);
    const next = startDelivery(directory, targets, 0);
    await until(next.drained, 30);
    const acknowledged = new Set([...receiver.acknowledged, ...again.acknowledged]);
    const expected = accepted.flatMap((incident) => [`${incident}.1`, `${incident}.2`]);
    expect(expected.filter((one) => !acknowledged.has(one))).toEqual([]);
    // At most the incident that was being taken on when the process died is known beyond that.
    expect(new Set([...acknowledged].map((one) => one.split('.')[0])).size).toBeLessThanOrEqual(
      accepted.length + 1,
    );
    const order = [...receiver.acknowledged, ...again.acknowledged];
    for (const incident of accepted) {
      expect(order.indexOf(`${incident}.1`)).toBeLessThan(order.indexOf(`${incident}.2`));
    }
    expect(readdirSync(join(directory.state, 'spool'))).toEqual(['aside']);
  });
});
