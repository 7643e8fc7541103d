import { Random } from '../accuracy/random.ts';

/** A StreamMonitor of the fleet, by the sizes of its lists; one without lists names its streams itself. */
export interface FleetMonitor {
  readonly name: string;
  readonly streams: number;
  readonly lists: readonly number[];
}

/** Streams of one list, which is one ConfigMap. */
const listSize = 1000;
const ordinarySize = 250;
const smallest = 1;
const largestInline = 20;

/**
 * StreamMonitors with so many streams together: one with a fifth of them in lists of a thousand, small ones with a tenth
 * of them in their own spec, the rest with 250 each.
 */
export function fleetOf(streams: number, seed: number): FleetMonitor[] {
  const random = new Random('fleet', seed);
  const large = Math.floor(streams / 5);
  const monitors: FleetMonitor[] = [];
  const add = (count: number, size: number) => {
    const lists = Array.from({ length: Math.ceil(count / size) }, (_, index) =>
      Math.min(size, count - index * size),
    );
    monitors.push({ name: `monitor-${monitors.length}`, streams: count, lists });
  };
  if (large > 0) add(large, listSize);
  let inline = Math.floor(streams / 10);
  let ordinary = streams - large - inline;
  for (; ordinary > 0; ordinary -= ordinarySize) add(Math.min(ordinarySize, ordinary), listSize);
  while (inline > 0) {
    const count = Math.min(inline, random.whole(smallest, largestInline));
    monitors.push({ name: `monitor-${monitors.length}`, streams: count, lists: [] });
    inline -= count;
  }
  return monitors;
}

/** The objects of a StreamMonitor: its lists, then itself. */
export function fleetObjects({ name, streams, lists }: FleetMonitor, namespace: string): object[] {
  const entries = Array.from({ length: streams }, (_, index) => ({
    name: `stream-${index}`,
    url: `https://origin.example/${name}/${index}/index.m3u8`,
    rendition: { maxHeight: 480 },
  }));
  const configMaps = lists.map((size, index) => {
    const begin = lists.slice(0, index).reduce((sum, before) => sum + before, 0);
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}-${index}`, namespace, labels: { 'streammonitor.dev/streams': 'true' } },
      data: { streams: JSON.stringify(entries.slice(begin, begin + size)) },
    };
  });
  const spec =
    lists.length > 0
      ? { streamsFrom: lists.map((_, index) => ({ configMap: { name: `${name}-${index}` } })) }
      : { streams: entries };
  const monitor = {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name, namespace },
    spec,
  };
  return [...configMaps, monitor];
}
