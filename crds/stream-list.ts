import { LineCounter, parseDocument } from 'yaml';
import { detectorCatalogue } from './detector-catalogue.ts';
import { unknownInExpect } from './expect-schema.ts';
import { streamEntrySchema } from './stream-detectors-schema.ts';
import type { StreamSpec } from './stream-monitor.ts';
import { pathText, ValidationError, validate } from './validation-error.ts';

const entrySchema = streamEntrySchema(detectorCatalogue);

/** Where a list of streams stands: one key of one ConfigMap. */
export interface StreamListSource {
  readonly configMap: string;
  readonly key: string;
}

/** What is wrong with a list, or with one entry of it; the other entries are used. */
export interface StreamListProblem extends StreamListSource {
  /** Place of the entry in its list, from 0; absent where the list as a whole is wrong. */
  readonly index?: number;
  /** Names the field and the fix; holds no value that could be secret. */
  readonly message: string;
}

/** The streams of one key of a ConfigMap. */
export interface StreamList {
  readonly source: StreamListSource;
  readonly entries: readonly { readonly index: number; readonly stream: StreamSpec }[];
  readonly problems: readonly StreamListProblem[];
}

/**
 * Reads a list of streams: YAML or JSON, each entry as in `spec.streams`. A thousand entries take some 4 ms as JSON and
 * 45 ms as YAML, so a caller does well to keep the result until the ConfigMap changes.
 */
export function parseStreamList(text: string, source: StreamListSource): StreamList {
  let list: unknown;
  try {
    list = parsedText(text);
    if (list === null) throw new Error('is empty; write [] where no stream is meant');
    if (!Array.isArray(list))
      throw new Error('is not a list; write one entry "- {name, url}" for each stream');
  } catch (error) {
    return { source, entries: [], problems: [{ ...source, message: (error as Error).message }] };
  }
  const entries: { index: number; stream: StreamSpec }[] = [];
  const problems: StreamListProblem[] = [];
  for (const [index, entry] of list.entries()) {
    try {
      entries.push({ index, stream: validate(entrySchema, entry) });
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      problems.push({ ...source, index, message: error.message.replaceAll('\n', '; ') });
    }
  }
  return { source, entries, problems };
}

/**
 * All streams of a StreamMonitor. Of a name that stands twice the first is taken: of `spec.streams`, then by the names
 * of ConfigMap and key, then by place in the list. `custom`: names of the StreamMonitor's detectors of modules.
 * @returns the problems of the lists too
 */
export function mergeStreams(
  inline: readonly StreamSpec[],
  lists: readonly StreamList[],
  custom: readonly string[] = [],
): { readonly streams: StreamSpec[]; readonly problems: StreamListProblem[] } {
  const taken = new Map(inline.map((stream) => [stream.name, 'spec.streams']));
  const streams = [...inline];
  const problems: StreamListProblem[] = [];
  for (const list of inOrder(lists)) {
    problems.push(...list.problems);
    for (const { index, stream } of list.entries) {
      const place = { ...list.source, index };
      const first = taken.get(stream.name);
      const [unknown] = unknownInExpect(stream.expect ?? {}, custom);
      if (unknown) {
        problems.push({ ...place, message: `${pathText(['expect', ...unknown.path])} ${unknown.message}` });
      } else if (first === undefined) {
        taken.set(stream.name, placeText(place));
        streams.push(stream);
      } else {
        const message = `name "${stream.name}" is already the name of a stream in ${first}; names must differ`;
        problems.push({ ...place, message });
      }
    }
  }
  return { streams, problems };
}

function parsedText(text: string): unknown {
  // Many times faster than YAML, of which it is a part; what it refuses YAML explains.
  try {
    return JSON.parse(text);
  } catch {
    return parsedYaml(text);
  }
}

function parsedYaml(text: string): unknown {
  const lines = new LineCounter();
  // Its warnings, on the standard error of the process, would quote the document.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS') throw new Error('holds several YAML documents; write one list');
  if (error)
    throw new Error(
      `line ${lines.linePos(error.pos[0]).line}: not valid YAML: ${withoutQuotation(error.message)}`,
    );
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new Error(`not valid YAML: ${withoutQuotation((cause as Error).message)}`, { cause });
  }
}

/** Some messages end with a piece of the document, which can be a URL or a secret. */
function withoutQuotation(message: string): string {
  return message.replace(/(: | ?\\).*/s, '');
}

function inOrder(lists: readonly StreamList[]): StreamList[] {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return lists.toSorted(
    ({ source: a }, { source: b }) => compare(a.configMap, b.configMap) || compare(a.key, b.key),
  );
}

function placeText({ configMap, key, index }: Omit<StreamListProblem, 'message'>): string {
  return `ConfigMap ${configMap}, key ${key}${index === undefined ? '' : `, entry ${index}`}`;
}
