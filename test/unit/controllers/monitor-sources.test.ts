import { beforeEach, describe, expect, it } from 'vitest';
import {
  type MonitorSource,
  MonitorSources,
  type StreamListObject,
  type StreamMonitorObject,
} from '../../../operator/controllers/monitor-sources.ts';
import { ObjectCache } from '../../../operator/kube/object-cache.ts';
import { type KubeObject, objectKey } from '../../../operator/kube/resource.ts';

class Source<T extends KubeObject> extends ObjectCache<T> {
  readonly source = {
    get: (namespace: string | undefined, name: string) => this.get(objectKey(namespace, name)),
    list: (namespace?: string) => this.values(namespace),
  };
}

let monitors: Source<StreamMonitorObject>;
let lists: Source<StreamListObject>;
let sources: MonitorSources;
let version: number;

beforeEach(() => {
  monitors = new Source();
  lists = new Source();
  sources = new MonitorSources(monitors.source, lists.source);
  version = 0;
});

function putMonitor(name: string, spec: object, metadata: object = {}): void {
  const identity = { namespace: 'live', name, uid: name, resourceVersion: String(++version), ...metadata };
  monitors.put({
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: identity,
    spec,
  });
}

function putList(name: string, labels: Readonly<Record<string, string>>, namespace = 'live'): void {
  const identity = { namespace, name, uid: `${namespace}-${name}`, resourceVersion: String(++version) };
  const data = { streams: JSON.stringify([{ name, url: `https://origin.example/${name}.m3u8` }]) };
  lists.put({ metadata: { ...identity, labels }, data });
}

function fromLists(...configMaps: readonly object[]): object {
  return { streamsFrom: configMaps.map((configMap) => ({ configMap })) };
}

function streamsOf(name: string): string[] {
  const source = sources.of('live').find(({ key }) => key === `live/${name}`);
  return source!.streams.map((stream) => stream.name);
}

describe('the sources of a namespace', () => {
  it('have the streams of the lists with all labels of a selector, or with a name', () => {
    putList('east', { team: 'sports', region: 'east' });
    putList('west', { team: 'sports', region: 'west' });
    putList('news', { team: 'news' });
    putList('elsewhere', { team: 'sports' }, 'other');
    putMonitor('all', fromLists({ selector: { matchLabels: { team: 'sports' } } }));
    putMonitor('one', fromLists({ selector: { matchLabels: { team: 'sports', region: 'west' } } }));
    putMonitor('none', fromLists({ selector: { matchLabels: { team: 'films' } } }));
    putMonitor(
      'both',
      fromLists({ selector: { matchLabels: { team: 'sports', region: 'east' } } }, { name: 'news' }),
    );
    expect(['all', 'one', 'none', 'both'].map(streamsOf)).toEqual([
      ['east', 'west'],
      ['west'],
      [],
      ['east', 'news'],
    ]);
  });

  it('have one stream for each height, of their own streams and of those of lists', () => {
    const entry = (name: string, heights?: number[]) => ({
      name,
      url: `https://origin.example/${name}.m3u8`,
      ...(heights && { rendition: { heights } }),
    });
    const identity = { namespace: 'live', name: 'east', uid: 'east', resourceVersion: '1' };
    const data = { streams: JSON.stringify([entry('b', [720]), entry('a', [240])]) };
    lists.put({ metadata: { ...identity, labels: {} }, data });
    putMonitor('own', { streams: [entry('a', [1080, 480]), entry('c')] });
    putMonitor('both', { streams: [entry('a', [1080, 480])], ...fromLists({ name: 'east' }) });
    expect(streamsOf('own')).toEqual(['a@1080p', 'a@480p', 'c']);
    expect(streamsOf('both')).toEqual(['a@1080p', 'a@480p', 'b@720p']);
    const [{ listProblems }] = sources.of('live').filter(({ key }) => key === 'live/both') as [MonitorSource];
    expect(listProblems).toMatchObject([{ index: 1, message: expect.stringContaining('"a" is already') }]);
  });

  it('follow a list whose labels change', () => {
    putList('east', { team: 'sports' });
    putMonitor('sports', fromLists({ selector: { matchLabels: { team: 'sports' } } }));
    expect(streamsOf('sports')).toEqual(['east']);
    putList('east', { team: 'news' });
    expect(streamsOf('sports')).toEqual([]);
  });

  it('are those that are not being deleted', () => {
    putMonitor('sports', { streams: [{ name: 'a', url: 'https://origin.example/a.m3u8' }] });
    putMonitor('going', { streams: [] }, { deletionTimestamp: '2026-06-11T18:00:00Z' });
    expect(sources.of('live').map(({ key }) => key)).toEqual(['live/sports']);
    expect(sources.keysOf('live')).toEqual(new Set(['live/sports']));
  });

  it('stay as they last were while what is asked for is wrong, until they are gone', () => {
    putMonitor('sports', { streams: [{ name: 'a', url: 'https://origin.example/a.m3u8' }] });
    expect(streamsOf('sports')).toEqual(['a']);
    putMonitor('sports', { streams: [{ name: 'a', url: 'ftp://origin.example/a' }] });
    expect(streamsOf('sports')).toEqual(['a']);
    expect(sources.of('live')[0]!.invalid).not.toEqual([]);
    sources.forget(monitors.values('live')[0]!);
    expect(sources.of('live')[0]!.monitor).toBeUndefined();
  });
});
