import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processCpuSeconds } from '../bench/process-tree.ts';
import type { ControlPlane } from '../integration/cluster/control-plane.ts';
import { type OperatorProcess, startOperator } from '../integration/operator-process.ts';

/**
 * What V8 takes for its old generation in a container with the chart's limit of 512 MiB: a half of it. Outside of one it
 * would go by the memory of the machine.
 */
const heapMegabytes = 256;

/** Operators as processes of their own, and what they have taken together. */
export class MeasuredOperators {
  readonly #plane: ControlPlane;
  readonly #settings: object;
  readonly #running = new Set<OperatorProcess>();
  #endedCpuSeconds = 0;
  #endedPeak = 0;

  constructor(plane: ControlPlane, settings: object) {
    this.#plane = plane;
    this.#settings = settings;
  }

  /** It need not lead yet. */
  async start(name: string, image: string): Promise<OperatorProcess> {
    const operator = await startOperator(this.#plane, {
      name,
      image,
      settings: this.#settings,
      logLevel: 'info',
      environment: {
        NODE_COMPILE_CACHE: join(this.#plane.directory, 'compile-cache'),
        NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`,
      },
      atEnd: () => {},
    });
    this.#running.add(operator);
    return operator;
  }

  async stop(operator: OperatorProcess, signal?: NodeJS.Signals): Promise<void> {
    // As far as it can be asked: what it takes to end is not in it.
    this.#endedCpuSeconds += processCpuSeconds(operator.pid) ?? 0;
    this.#endedPeak = Math.max(this.#endedPeak, peakBytes(operator.pid));
    this.#running.delete(operator);
    await operator.stop(signal);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((operator) => this.stop(operator)));
  }

  /** User and system, of all that were started. */
  get cpuSeconds(): number {
    return [...this.#running].reduce(
      (sum, { pid }) => sum + (processCpuSeconds(pid) ?? 0),
      this.#endedCpuSeconds,
    );
  }

  /** Most resident memory of any one of them since the last mark, in bytes. */
  get peak(): number {
    return Math.max(this.#endedPeak, ...[...this.#running].map(({ pid }) => peakBytes(pid)));
  }

  /** The peak counts from now. */
  mark(): void {
    this.#endedPeak = 0;
    // Sets the peak to what is resident now: proc(5), clear_refs.
    for (const { pid } of this.#running) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  }

  /** Log lines of level error and above that were not expected: level 50 in pino. */
  get errors(): string[] {
    return [...this.#running].flatMap(({ logs }) =>
      logs.filter(({ level }) => Number(level) >= 50).map((line) => JSON.stringify(line)),
    );
  }
}

function peakBytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
