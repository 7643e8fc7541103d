import { maxSecrets, secretNamesOf } from '../../crds/secret-names.ts';
import { mergeStreams, parseStreamList, type StreamList } from '../../crds/stream-list.ts';
import { parseStreamMonitor, type StreamMonitor, type StreamSpec } from '../../crds/stream-monitor.ts';
import { watchedStreams } from '../../crds/stream-renditions.ts';
import { type FieldError, ValidationError } from '../../crds/validation-error.ts';
import type { ObjectSource } from '../kube/ahead-cache.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { StreamListProblem } from './status/monitor-observation.ts';

/** A StreamMonitor as the API server has it, of which nothing is taken for granted. */
export interface StreamMonitorObject extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** A ConfigMap that may hold lists of streams. */
export interface StreamListObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A StreamMonitor with all that it asks for. */
export interface MonitorSource {
  readonly key: string;
  readonly object: StreamMonitorObject;
  /** As it is asked for, or as it was last when what is asked for now is wrong; absent when it never was right. */
  readonly monitor: StreamMonitor | undefined;
  /** What is wrong with what is asked for now. */
  readonly invalid: readonly FieldError[];
  /** Its own streams and those of its lists, each rendition that is watched as one. */
  readonly streams: readonly StreamSpec[];
  /** Secrets that its pods need, sorted. */
  readonly secrets: readonly string[];
  readonly listProblems: readonly StreamListProblem[];
}

type Parsed = { readonly monitor: StreamMonitor } | { readonly errors: readonly FieldError[] };

/** Reads StreamMonitors and their lists of streams from caches, each version once. */
export class MonitorSources {
  readonly #monitors: ObjectSource<StreamMonitorObject>;
  readonly #lists: ObjectSource<StreamListObject>;
  readonly #parsed = new WeakMap<StreamMonitorObject, Parsed>();
  readonly #parsedLists = new WeakMap<StreamListObject, readonly StreamList[]>();
  /** The last right version of each, by its uid. */
  readonly #lastValid = new Map<string, StreamMonitor>();

  constructor(monitors: ObjectSource<StreamMonitorObject>, lists: ObjectSource<StreamListObject>) {
    this.#monitors = monitors;
    this.#lists = lists;
  }

  /** Those of a namespace that are not being deleted. */
  of(namespace: string): MonitorSource[] {
    const lists = new LabelledLists(() => this.#lists.list(namespace));
    return this.#present(namespace).map((object) => this.#source(object, lists));
  }

  /** Their keys alone. */
  keysOf(namespace: string): Set<string> {
    return new Set(this.#present(namespace).map(({ metadata: { name } }) => `${namespace}/${name}`));
  }

  /** A StreamMonitor is gone: what is remembered of it is over. */
  forget({ metadata }: StreamMonitorObject): void {
    if (metadata.uid !== undefined) this.#lastValid.delete(metadata.uid);
  }

  #present(namespace: string): StreamMonitorObject[] {
    return this.#monitors.list(namespace).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  #source(object: StreamMonitorObject, lists: LabelledLists): MonitorSource {
    const { namespace, name, uid = '' } = object.metadata;
    const key = `${namespace}/${name}`;
    const parsed = this.#parse(object);
    if ('monitor' in parsed) this.#lastValid.set(uid, parsed.monitor);
    const monitor = 'monitor' in parsed ? parsed.monitor : this.#lastValid.get(uid);
    const invalid = 'errors' in parsed ? parsed.errors : [];
    if (!monitor) return { key, object, monitor, invalid, streams: [], secrets: [], listProblems: [] };
    const { streams, problems } = this.#streams(monitor, lists);
    const withSecrets = boundSecrets(monitor, streams);
    return {
      key,
      object,
      monitor,
      invalid,
      ...withSecrets,
      listProblems: [...problems, ...withSecrets.problems],
    };
  }

  #parse(object: StreamMonitorObject): Parsed {
    let parsed = this.#parsed.get(object);
    if (!parsed) {
      parsed = parse(object);
      this.#parsed.set(object, parsed);
    }
    return parsed;
  }

  #streams(
    monitor: StreamMonitor,
    labelled: LabelledLists,
  ): {
    streams: readonly StreamSpec[];
    problems: readonly StreamListProblem[];
  } {
    const { streams, streamsFrom = [], detectors } = monitor.spec;
    if (streamsFrom.length === 0) return { streams: watchedStreams(streams), problems: [] };
    const { namespace } = monitor.metadata;
    const found = new Map<string, StreamListObject>();
    const missing: StreamListProblem[] = [];
    for (const { configMap } of streamsFrom) {
      if (configMap.name !== undefined) {
        const list = this.#lists.get(namespace, configMap.name);
        if (list) found.set(configMap.name, list);
        else missing.push({ configMap: configMap.name, message: notFound });
      } else {
        for (const list of labelled.matching(configMap.selector?.matchLabels ?? {})) {
          found.set(list.metadata.name, list);
        }
      }
    }
    const names = [...found.keys()].sort();
    const lists = names.flatMap((name) => this.#listsOf(found.get(name)!));
    const merged = mergeStreams(
      streams,
      lists,
      detectors.custom?.map(({ name }) => name),
    );
    return { streams: watchedStreams(merged.streams), problems: [...missing, ...merged.problems] };
  }

  #listsOf(object: StreamListObject): readonly StreamList[] {
    let lists = this.#parsedLists.get(object);
    if (!lists) {
      const configMap = object.metadata.name;
      lists = Object.entries(object.data ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, text]) => parseStreamList(text, { configMap, key }));
      this.#parsedLists.set(object, lists);
    }
    return lists;
  }
}

/** The lists of a namespace by their labels: thousands of StreamMonitors may each look for their own. */
class LabelledLists {
  readonly #all: () => readonly StreamListObject[];
  #byLabel: ReadonlyMap<string, readonly StreamListObject[]> | undefined;

  constructor(all: () => readonly StreamListObject[]) {
    this.#all = all;
  }

  matching(labels: Readonly<Record<string, string>>): readonly StreamListObject[] {
    const [first, ...others] = Object.entries(labels);
    if (!first) return this.#all();
    this.#byLabel ??= byLabel(this.#all());
    const candidates = this.#byLabel.get(labelText(first)) ?? [];
    return candidates.filter(({ metadata }) =>
      others.every(([key, value]) => metadata.labels?.[key] === value),
    );
  }
}

function byLabel(lists: readonly StreamListObject[]): Map<string, StreamListObject[]> {
  const labelled = lists.flatMap((list) =>
    Object.entries(list.metadata.labels ?? {}).map((label) => ({ list, text: labelText(label) })),
  );
  const groups = Map.groupBy(labelled, ({ text }) => text);
  return new Map([...groups].map(([text, group]) => [text, group.map(({ list }) => list)]));
}

function labelText([key, value]: readonly [string, string]): string {
  return `${key}=${value}`;
}

const notFound =
  'is not there, or lacks the label streammonitor.dev/streams: "true", without which it is not read: add the label';

function parse(object: StreamMonitorObject): Parsed {
  try {
    return { monitor: parseStreamMonitor(object) };
  } catch (error) {
    if (error instanceof ValidationError) return { errors: error.errors };
    throw error;
  }
}

/** Leaves out streams of lists that need more Secrets than a pod may mount. */
function boundSecrets(
  { spec }: StreamMonitor,
  streams: readonly StreamSpec[],
): { streams: readonly StreamSpec[]; secrets: readonly string[]; problems: readonly StreamListProblem[] } {
  const all = secretNamesOf(spec, streams);
  if (all.length <= maxSecrets) return { streams, secrets: all, problems: [] };
  const kept = new Set(secretNamesOf(spec, spec.streams));
  for (const name of all) if (kept.size < maxSecrets) kept.add(name);
  const needs = (stream: StreamSpec) => secretNamesOf({ notifications: [], actions: [] }, [stream]);
  const fits = (stream: StreamSpec) => needs(stream).every((name) => kept.has(name));
  const left = streams.filter((stream) => !fits(stream));
  const problem = {
    configMap: 'streamsFrom',
    message:
      `${left.length} streams need Secrets beyond the ${maxSecrets} that one StreamMonitor may use, the first of them ` +
      `${left[0]?.name}: keep several keys in one Secret, or divide the streams over StreamMonitors`,
  };
  return { streams: streams.filter(fits), secrets: [...kept].sort(), problems: [problem] };
}
