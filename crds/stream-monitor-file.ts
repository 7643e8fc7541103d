import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml';
import { parseStreamMonitor, type StreamMonitor } from './stream-monitor.ts';
import { ValidationError } from './validation-error.ts';

/** A file of StreamMonitors that cannot be used. Each problem is `file:line: field message`. */
export class StreamMonitorFileError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'StreamMonitorFileError';
    this.problems = problems;
  }
}

/**
 * Reads every StreamMonitor of a YAML text, which may hold several documents.
 * @param fileName how the file is called in messages
 * @throws StreamMonitorFileError with all problems of all documents
 */
export function parseStreamMonitors(yamlText: string, fileName: string): StreamMonitor[] {
  const lines = new LineCounter();
  // Its warnings, on the standard error of the process, would quote the document.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error' } as const;
  const parsed = parseAllDocuments(yamlText, options);
  const problems: string[] = [];
  const monitors = new Map<string, StreamMonitor>();
  for (const document of Array.isArray(parsed) ? parsed : []) {
    if (document.errors.length > 0) {
      for (const { pos, message } of document.errors) {
        problems.push(`${fileName}:${lines.linePos(pos[0]).line}: not valid YAML: ${message}`);
      }
      continue;
    }
    try {
      const content: unknown = document.toJS({ maxAliasCount: 100 });
      // Nothing between two `---` is common in generated files and means nothing.
      if (content === null) continue;
      const monitor = parseStreamMonitor(content);
      const key = `${monitor.metadata.namespace}/${monitor.metadata.name}`;
      if (monitors.has(key)) {
        problems.push(
          `${fileName}:${lineOf(document, ['metadata'], lines)}: metadata.name: ${key} stands twice`,
        );
      }
      monitors.set(key, monitor);
    } catch (error) {
      problems.push(...describe(error, document, lines, fileName));
    }
  }
  if (problems.length > 0) throw new StreamMonitorFileError(problems);
  if (monitors.size === 0) throw new StreamMonitorFileError([`${fileName}: holds no StreamMonitor`]);
  return [...monitors.values()];
}

function describe(error: unknown, document: Document, lines: LineCounter, fileName: string): string[] {
  if (!(error instanceof ValidationError)) {
    return [`${fileName}: ${error instanceof Error ? error.message : String(error)}`];
  }
  return error.errors.map(({ keys, path, message }) => {
    const text = path === '' ? `the document ${message}` : `${path} ${message}`;
    return `${fileName}:${lineOf(document, keys, lines)}: ${text}`;
  });
}

/** The line of the field, or of the nearest thing around it that is there. */
function lineOf(document: Document, keys: readonly PropertyKey[], lines: LineCounter): number {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = document.getIn(keys.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return lines.linePos(document.range?.[0] ?? 0).line;
}
