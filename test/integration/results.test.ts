import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ResultsTarget } from '../../crds/assignment.ts';
import { ResultWriter } from '../../monitor/results/result-writer.ts';
import { MountedSecrets } from '../../monitor/secrets/mounted-secrets.ts';
import type { DeliveryOutcome } from '../../monitor/spool/delivery.ts';
import { Spool } from '../../monitor/spool/spool.ts';
import type { WatchedSeconds } from '../../monitor/watch/watch-event.ts';
import { assignment, closed, identity, opened } from '../unit/notifications/incidents.ts';
import { startDelivery } from './delivery-runner.ts';
import { queryResults } from './results-query.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { type StateDirectory, stateDirectory, until } from './state-directory.ts';

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3Server();
});
afterAll(() => s3.remove());

interface Setting {
  readonly directory: StateDirectory;
  readonly outcomes: DeliveryOutcome[];
  readonly log: string[];
  writer(results: ResultsTarget, options?: { flushSeconds?: number; bootId?: string }): ResultWriter;
}

function setting(): Setting {
  const directory = stateDirectory();
  directory.writeSecret('s3', 'credentials', credentials(s3.secretAccessKey));
  const outcomes: DeliveryOutcome[] = [];
  const log: string[] = [];
  return {
    directory,
    outcomes,
    log,
    writer: (results, options) => {
      const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
      const writer = new ResultWriter({
        spool: new Spool({ directory: join(directory.state, 'spool'), maximumBytes: 10_000_000, logger }),
        stateDirectory: directory.state,
        secrets: new MountedSecrets(directory.secrets),
        logger,
        bootId: randomUUID(),
        onOutcome: (outcome) => outcomes.push(outcome),
        retry: { initialSeconds: 0.05, maximumSeconds: 0.1 },
        ...options,
      });
      writer.configure(assignment({ results }));
      onTestFinished(() => writer.close());
      return writer;
    },
  };
}

const credentials = (secretAccessKey: string) =>
  JSON.stringify({ accessKeyId: s3.accessKeyId, secretAccessKey });

/** A bucket target with a prefix of its own, so that tests do not see one another's objects. */
function bucket(prefix: string): { readonly target: ResultsTarget; readonly files: string } {
  const { endpoint, region, bucket: name } = s3;
  const credentialsFrom = { name: 's3', key: 'credentials' };
  return {
    target: { s3: { bucket: name, prefix, region, endpoint, forcePathStyle: true, credentialsFrom } },
    files: join(s3.bucketDirectory, prefix),
  };
}

/** A second of watching, `second` after a full hour. */
function watched(second: number, values: Partial<WatchedSeconds> = {}): WatchedSeconds {
  const time = (seconds: number) =>
    new Date(Date.parse('2026-01-31T22:59:00Z') + seconds * 1000).toISOString();
  const counts = { frames: 25, evidence: {}, cpu: 0.1 };
  return {
    from: time(second),
    to: time(second + 1),
    monitored: 1,
    blind: {},
    defect: [],
    ...counts,
    ...values,
  };
}

/** Two minutes of a stream, on both sides of an hour: two seconds blind, three with a freeze. */
function watchTwoMinutes(writer: ResultWriter): void {
  for (let second = 0; second < 120; second++) {
    const blind = second < 2 ? { monitored: 0, blind: { Unreachable: 1 } } : {};
    const frozen = second >= 58 && second < 61;
    const defect = frozen ? [{ detector: 'freeze', severity: 'critical' as const, seconds: 1 }] : [];
    writer.handle(identity, { type: 'seconds', seconds: watched(second, { ...blind, defect }) });
  }
}

const latest = 'SELECT DISTINCT ON ("recordId") * FROM results ORDER BY "recordId", revision DESC';

describe.each([
  ['an S3 bucket', () => bucket('series')],
  [
    'a directory',
    (state: string) => ({ target: { directory: join(state, 'out') }, files: join(state, 'out') }),
  ],
])('results in %s', (_, place) => {
  test('are one series per detector, read back with DuckDB', async () => {
    const { directory, writer, outcomes } = setting();
    const { target, files } = place(directory.state);
    const subject = writer(target);
    watchTwoMinutes(subject);
    subject.handle(identity, opened());
    subject.handle(identity, closed());
    subject.handle({ ...identity, monitor: 'without-results' }, opened());
    expect(await subject.drain(20)).toBe(true);

    expect(readdirSync(files).sort()).toEqual(['detector=black', 'detector=freeze']);
    expect(readdirSync(join(files, 'detector=black/date=2026-01-31')).sort()).toEqual(['hour=22', 'hour=23']);
    const [object] = readdirSync(join(files, 'detector=black/date=2026-01-31/hour=22'));
    expect(object).toMatch(/^shard-0-[0-9a-f-]{36}-\d+\.jsonl\.gz$/);

    const sums = 'sum("monitoredSeconds") monitored, sum("blindSeconds") blind, sum("defectSeconds") defect';
    const summaries = `SELECT detector, "hour", stream, region, ${sums} FROM results WHERE type = 'summary' GROUP BY ALL ORDER BY ALL`;
    const common = { stream: 'channel-1', region: 'eu-test-1' };
    expect((await queryResults(files, summaries)).map((row) => ({ ...row, hour: Number(row.hour) }))).toEqual(
      [
        { detector: 'black', hour: 22, ...common, monitored: 58, blind: 2, defect: 0 },
        { detector: 'black', hour: 23, ...common, monitored: 60, blind: 0, defect: 0 },
        { detector: 'freeze', hour: 22, ...common, monitored: 58, blind: 2, defect: 2 },
        { detector: 'freeze', hour: 23, ...common, monitored: 60, blind: 0, defect: 1 },
      ],
    );
    const incidents = await queryResults(files, `SELECT * FROM (${latest}) WHERE type = 'incident'`);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({
      recordId: closed().incident.id,
      revision: 2,
      state: 'closed',
      change: 'closed',
      start: 12.5,
      end: 20,
      closeReason: 'recovered',
      monitor: 'sports',
      shard: 'shard-0',
    });
    expect(
      await queryResults(files, `SELECT revision FROM results WHERE type = 'incident' ORDER BY 1`),
    ).toEqual([{ revision: 1 }, { revision: 2 }]);
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['delivered']));
  });
});

describe('a bucket', () => {
  test('that is away gets everything later, under the keys it was to have', async () => {
    const { directory, writer, outcomes, log } = setting();
    const { target, files } = bucket('outage');
    await s3.stop();
    const first = writer(target, { bootId: 'boot-1' });
    watchTwoMinutes(first);
    first.handle(identity, opened());
    expect(await first.drain(0.5)).toBe(false);
    expect(outcomes.some(({ outcome }) => outcome === 'retried')).toBe(true);
    await first.close();
    expect(readdirSync(join(directory.state, 'spool')).filter((name) => name.endsWith('.item'))).toHaveLength(
      5,
    );

    await s3.start();
    const second = writer(target, { bootId: 'boot-2' });
    expect(await second.drain(20)).toBe(true);
    expect(await queryResults(files, `SELECT count(*)::INTEGER n FROM results`)).toEqual([{ n: 5 }]);
    const names = readdirSync(files, { recursive: true }).filter((name) => String(name).endsWith('.gz'));
    for (const name of names) expect(name).toMatch(/shard-0-boot-1-\d\.jsonl\.gz$/);
    expect(log.filter((line) => line.includes('"level":40'))).toHaveLength(1);
  });

  test('takes rotated credentials with the next attempt', async () => {
    const { directory, writer, outcomes, log } = setting();
    const { target, files } = bucket('rotation');
    directory.writeSecret('s3', 'credentials', credentials('no longer valid'));
    const subject = writer(target);
    subject.handle(identity, opened());
    const drained = subject.drain(20);
    await until(() => outcomes.some(({ outcome }) => outcome === 'retried'), 10);
    const profile = `[default]\naws_access_key_id = ${s3.accessKeyId}\naws_secret_access_key = ${s3.secretAccessKey}\n`;
    directory.writeSecret('s3', 'credentials', profile);
    expect(await drained).toBe(true);
    expect(await queryResults(files, latest)).toHaveLength(1);
    expect(log.join('')).not.toContain('no longer valid');
  });

  test('gets objects as time passes, without being asked', async () => {
    const { writer, outcomes } = setting();
    const subject = writer(bucket('flush').target, { flushSeconds: 1 });
    subject.handle(identity, opened());
    await until(() => outcomes.length > 0, 10);
    expect(outcomes).toMatchObject([{ sink: 's3', outcome: 'delivered' }]);
  });
});

describe('a killed process', () => {
  test('loses no incident that it took on, with the bucket away as well', async () => {
    const directory = stateDirectory();
    directory.writeSecret('s3', 'credentials', credentials(s3.secretAccessKey));
    const { target, files } = bucket('killed');
    const settings = assignment({ results: target });
    await s3.stop();
    const killed = startDelivery(directory, settings, 10_000);
    await until(() => killed.accepted.length > 30, 20);
    await killed.kill();
    await s3.start();
    const next = startDelivery(directory, settings, 0);
    await until(next.drained, 30);
    const rows = await queryResults(files, `SELECT "recordId", revision, state FROM (${latest})`);
    const closedIncidents = new Set(
      rows.filter(({ state }) => state === 'closed').map(({ recordId }) => recordId),
    );
    expect(killed.accepted.filter((id) => !closedIncidents.has(id))).toEqual([]);
    expect(rows.length).toBeLessThanOrEqual(killed.accepted.length + 1);
  });
});

test('a directory that cannot be written is tried again until it can', async () => {
  const { directory, writer, outcomes } = setting();
  const out = join(directory.state, 'out');
  const subject = writer({ directory: join(out, 'blocked') });
  // A file where the folder should be.
  mkdirSync(out);
  writeFileSync(join(out, 'blocked'), '');
  subject.handle(identity, opened());
  const drained = subject.drain(10);
  await until(() => outcomes.some(({ outcome }) => outcome === 'retried'), 5);
  rmSync(join(out, 'blocked'));
  expect(await drained).toBe(true);
  expect(outcomes.at(-1)).toMatchObject({ sink: 'directory', outcome: 'delivered' });
});
