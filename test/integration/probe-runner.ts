import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));

/** A JSON line of an incident as `probe --json` writes it. */
export interface ProbedIncident {
  readonly detector: string;
  readonly kind: string;
  readonly severity: string;
  readonly start: number;
  readonly end: number;
  readonly channel?: string;
}

export interface ProbeResult {
  readonly code: number | null;
  readonly incidents: readonly ProbedIncident[];
  readonly summary: ProbeSummary;
  /** One for each rendition, where several are watched; in the order in which they end. */
  readonly summaries: readonly ProbeSummary[];
  readonly errors: string;
}

export interface ProbeSummary {
  readonly rendition?: string;
  readonly video?: string;
  readonly audio?: string;
  readonly monitoredSeconds: number;
  readonly blindSeconds: number;
  readonly frames: number;
  readonly unknown: Readonly<Record<string, string>>;
  readonly evidence: Readonly<Record<string, number>>;
  readonly reason?: string;
  readonly message?: string;
}

/** Runs the real command; every line of its standard output must be JSON. */
export async function probe(target: string, ...options: readonly string[]): Promise<ProbeResult> {
  const child = spawn(streammonitor, ['probe', '--json', ...options, target], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, code] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  if (output.length === 0) throw new Error(`nothing on standard output: ${Buffer.concat(errors)}`);
  const lines = Buffer.concat(output).toString().trim().split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as { type: string });
  const summaries = parsed.filter(({ type }) => type === 'summary') as unknown as ProbeSummary[];
  const summary = summaries.at(-1);
  if (!summary || parsed.at(-1)?.type !== 'summary') throw new Error(`no summary in: ${lines.join('\n')}`);
  return {
    code,
    incidents: parsed.filter(({ type }) => type === 'incident') as unknown as ProbedIncident[],
    summary,
    summaries,
    errors: Buffer.concat(errors).toString(),
  };
}
