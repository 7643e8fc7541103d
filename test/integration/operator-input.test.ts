import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeCluster } from './fake-cluster.ts';
import { condition, MonitoredNamespace, plainStreams } from './monitored-namespace.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { eventually } from './run-process.ts';

let bed: FakeCluster;
let operator: OperatorProcess;

beforeAll(async () => {
  bed = await FakeCluster.start();
  operator = await startOperator(bed.plane, { name: 'streammonitor-0', atEnd: bed.atEnd });
  await operator.leads();
});
afterAll(() => bed?.stop());

const namespaceOf = (name: string) => MonitoredNamespace.create(bed.plane, name);
const fromList = (...names: string[]) => names.map((name) => ({ configMap: { name } }));
const listLabel = { 'streammonitor.dev/streams': 'true' };
/** A stream for each of so many Secrets, which its URL is in. */
const streamsOfSecrets = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `from-${index}`,
    urlFrom: { secretKeyRef: { name: `secret-${index}`, key: 'url' } },
  }));
const secret = (name: string) => ({ secretKeyRef: { name, key: 'value' } });

describe.concurrent('lists of streams', () => {
  test('by name: added to, changed, taken from, gone and back', async () => {
    const lists = await namespaceOf('lists');
    await lists.applyList('first', { 'a.yaml': plainStreams('one', 'two') });
    await lists.applyList('second', { b: '- {name: three, url: https://origin.example/three.m3u8}\n' });
    await lists.apply('sports', { streams: plainStreams('own'), streamsFrom: fromList('first', 'second') });
    await lists.owns('sports', ['one', 'own', 'three', 'two']);

    await lists.applyList('first', {
      'a.yaml': plainStreams('one', 'two', 'four'),
      more: plainStreams('five'),
    });
    await lists.owns('sports', ['five', 'four', 'one', 'own', 'three', 'two']);

    const [one] = plainStreams('one');
    await lists.applyList('first', { 'a.yaml': [{ ...one, url: 'https://origin.example/other.m3u8' }] });
    await lists.owns('sports', ['one', 'own', 'three']);
    await lists.owner('sports', 'one', ({ stream }) => stream.url === 'https://origin.example/other.m3u8');

    await lists.delete('api/v1/configmaps/second');
    await lists.owns('sports', ['one', 'own']);
    const gone = await lists.status('sports', (said) => condition(said, 'Degraded').startsWith('True'));
    expect(condition(gone, 'Degraded')).toMatch(/^True\/InvalidStreams: .*ConfigMap second: is not there/);
    await lists.applyList('second', { b: plainStreams('three') });
    await lists.owns('sports', ['one', 'own', 'three']);
    await lists.status('sports', (said) => condition(said, 'Degraded').startsWith('False'));
  });

  test('by label: those that have it and are lists, as they come and go', async () => {
    const labels = await namespaceOf('labels');
    const team = { ...listLabel, team: 'a' };
    await labels.applyList('mine', { list: plainStreams('one') }, team);
    await labels.applyList('of-others', { list: plainStreams('other') }, { ...listLabel, team: 'b' });
    await labels.applyList('no-list', { list: plainStreams('unread') }, { team: 'a' });
    await labels.apply('sports', {
      streamsFrom: [{ configMap: { selector: { matchLabels: { team: 'a' } } } }],
    });
    await labels.owns('sports', ['one']);
    await labels.applyList('mine-too', { list: plainStreams('two') }, team);
    await labels.owns('sports', ['one', 'two']);
    await labels.applyList('mine', { list: plainStreams('one') }, { ...listLabel, team: 'b' });
    await labels.owns('sports', ['two']);
    await labels.applyList('no-list', { list: plainStreams('unread') }, team);
    await labels.owns('sports', ['two', 'unread']);
  });

  test('a wrong entry is named with ConfigMap, key and index, and the others are watched', async () => {
    const wrong = await namespaceOf('wrong');
    const [good, last] = plainStreams('good', 'last');
    const entries = [
      good,
      { name: 'Bad Name', url: 'https://origin.example/x' },
      { name: 'file', url: 'file:///x' },
      last,
    ];
    await wrong.applyList('channels', { 'live.yaml': entries, broken: '{' });
    await wrong.apply('sports', { streamsFrom: fromList('channels') });
    await wrong.owns('sports', ['good', 'last']);
    const status = await wrong.status('sports', ({ monitored }) => monitored === 2);
    const text = condition(status, 'Degraded');
    expect(text).toMatch(/^True\/InvalidStreams: 3 problems in the stream lists: /);
    expect(text).toContain('ConfigMap channels, key live.yaml, index 1: name must be lower-case letters');
    expect(text).toContain('ConfigMap channels, key live.yaml, index 2: url has the scheme "file"');
    expect(text).toContain('ConfigMap channels, key broken: ');
    expect(condition(status, 'Ready')).toMatch(/^True/);
    await wrong.applyList('channels', { 'live.yaml': [good, last] });
    await wrong.status('sports', (said) => condition(said, 'Degraded').startsWith('False'));
  });

  test('one that lacks the label of lists is named, with the label to add', async () => {
    const unlabelled = await namespaceOf('unlabelled');
    await unlabelled.applyList('channels', { list: plainStreams('one') }, {});
    await unlabelled.apply('sports', { streamsFrom: fromList('channels') });
    const status = await unlabelled.status('sports', (said) =>
      condition(said, 'Degraded').startsWith('True'),
    );
    expect(condition(status, 'Degraded')).toContain(
      'ConfigMap channels: is not there, or lacks the label streammonitor.dev/streams',
    );
    expect(condition(status, 'Ready')).toMatch(/^False\/NoStreams/);
    await unlabelled.applyList('channels', { list: plainStreams('one') });
    await unlabelled.owns('sports', ['one']);
  });

  test('of a name that stands twice the first is watched, and the second named', async () => {
    const twice = await namespaceOf('twice');
    const [own] = plainStreams('one');
    const others = [
      { name: 'one', url: 'https://origin.example/second.m3u8' },
      { name: 'two', url: 'https://origin.example/two.m3u8' },
    ];
    await twice.applyList('channels', { list: others });
    await twice.apply('sports', { streams: [own], streamsFrom: fromList('channels') });
    await twice.owns('sports', ['one', 'two']);
    const { stream } = await twice.owner('sports', 'one');
    expect(stream.url).toBe(own!.url);
    const status = await twice.status('sports', (said) => condition(said, 'Degraded').startsWith('True'));
    expect(condition(status, 'Degraded')).toContain(
      'ConfigMap channels, key list, index 0: name "one" is already the name of a stream in spec.streams; names must differ',
    );
  });

  test('streams that need a ninth Secret are left out and counted; the others are watched', async () => {
    const secrets = await namespaceOf('secrets');
    await secrets.applyList('channels', { list: streamsOfSecrets(10) });
    await secrets.apply('sports', { streamsFrom: fromList('channels') });
    await eventually('eight streams', async () => (await secrets.owned('sports')).length === 8);
    const status = await secrets.status('sports', (said) => condition(said, 'Degraded').startsWith('True'));
    expect(condition(status, 'Degraded')).toMatch(
      /2 streams need Secrets beyond the 8 that one StreamMonitor may use, the first of them from-8: keep several keys/,
    );
  });
});

/** What runs of a StreamMonitor, in every detail. */
async function running(namespace: MonitoredNamespace): Promise<string> {
  const { configMaps, ...rest } = await namespace.allManaged();
  const objects = Object.values(rest).flat();
  return JSON.stringify([
    configMaps.map(({ metadata, data }) => [metadata.uid, metadata.resourceVersion, data]),
    objects.map(({ metadata, spec }) => [metadata.uid, metadata.generation, spec]),
  ]);
}

describe('a change that only the operator can refuse', () => {
  /** The API server cannot count Secrets. */
  const tooMany = (count: number) => ({
    streams: plainStreams('one', 'two'),
    notifications: Array.from({ length: count }, (_, index) => ({
      webhook: { url: 'https://alerts.example/', secretFrom: secret(`key-${index}`) },
    })),
  });

  test('leaves everything as it runs, over a restart too, says what is wrong, and can be put right', async () => {
    const refused = await namespaceOf('refused');
    await refused.apply('sports', { streams: plainStreams('one', 'two') });
    await refused.apply('news', { streams: plainStreams('one') });
    await refused.owns('sports', ['one', 'two']);
    await refused.owns('news', ['one']);
    await refused.status('sports', ({ monitored }) => monitored === 2);
    await refused.status('news', ({ monitored }) => monitored === 1);
    const before = await running(refused);

    const { metadata } = await refused.apply('sports', { ...tooMany(9), streams: plainStreams('three') });
    const said = await refused.status(
      'sports',
      (status) => status.observedGeneration === metadata.generation,
    );
    expect(condition(said, 'Degraded')).toMatch(
      /^True\/InvalidSpec: The streams stay as they were, as the spec is refused: spec names 9 Secrets \(.*\), and its pods mount at most 8; keep more keys in fewer Secrets/,
    );
    expect(condition(said, 'Ready')).toMatch(/^False\/InvalidSpec/);
    expect(await running(refused)).toBe(before);

    await operator.stop();
    operator = await startOperator(bed.plane, { name: 'streammonitor-0', atEnd: () => {} });
    await operator.leads();
    // It has seen all when it has noticed what is done now, beside the refused one on the same shard.
    await refused.apply('other', { streams: plainStreams('one'), sharding: { isolation: 'Dedicated' } });
    await refused.owner('other', 'one');
    expect(await refused.owned('sports')).toEqual(['one', 'two']);
    expect(await refused.owned('news')).toEqual(['one']);
    const after = (await refused.monitor('sports'))!;
    expect(condition(after.status, 'Degraded')).toMatch(/^True\/InvalidSpec: The streams stay as they were/);
    await refused.deleteMonitor('other');
    await eventually('everything as it was before', async () => (await running(refused)) === before);

    await refused.apply('sports', { ...tooMany(8), streams: plainStreams('two', 'three') });
    await refused.owns('sports', ['three', 'two']);
    const right = await refused.status('sports', (status) =>
      condition(status, 'Degraded').startsWith('False'),
    );
    expect(right.streams).toBe(2);
    await refused.owns('news', ['one']);
  });

  test('in one that never was right starts nothing', async () => {
    const never = await namespaceOf('never');
    await never.apply('sports', tooMany(9));
    const said = await never.status('sports', (status) => condition(status, 'Degraded').startsWith('True'));
    expect(condition(said, 'Degraded')).toMatch(
      /^True\/InvalidSpec: No stream is watched, as the spec is refused/,
    );
    expect(Object.values(await never.allManaged()).flat()).toEqual([]);
    await never.apply('sports', tooMany(1));
    await never.owns('sports', ['one', 'two']);
  });
});
