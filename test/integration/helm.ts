import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { type OperatorConfig, readOperatorConfig } from '../../operator/commands/operator-config.ts';

/** Folder of the chart. */
export const chart = fileURLToPath(new URL('../../charts/stream-monitor', import.meta.url));

/** An object as the chart renders it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

let binary: string | undefined;

/** Path of Helm; the first call on a machine builds it, which takes minutes. */
function helmBinary(): string {
  const script = fileURLToPath(new URL('../setup/helm.sh', import.meta.url));
  binary ??= execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  return binary;
}

/**
 * What Helm prints.
 * @param values given with `-f -` where the arguments say so
 * @throws Error with what it wrote to stderr when it fails
 */
export async function helm(args: readonly string[], values: object = {}): Promise<string> {
  const child = spawn(helmBinary(), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  // JSON is YAML. It may end without having read its input.
  child.stdin.on('error', () => {}).end(JSON.stringify(values));
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  if (code !== 0) throw new Error(`helm ${args[0]}: ${errors.trim()}`);
  return output;
}

/** The text that `helm template` gives, as a release `stream-monitor` in the namespace `streammonitor`. */
export function renderText(values: object = {}, flags: readonly string[] = []): Promise<string> {
  const release = ['stream-monitor', chart, '--namespace', 'streammonitor'];
  return helm(['template', ...release, ...flags, '-f', '-'], values);
}

/** The objects that `helm template` gives. */
export async function render(values: object = {}, flags: readonly string[] = []): Promise<Manifest[]> {
  const documents = parseAllDocuments(await renderText(values, flags));
  return documents.map((document) => document.toJS()).filter((object) => object !== null);
}

/** @throws Error when there is not exactly one such object */
export function only(objects: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind} ${name ?? ''}`);
  return found[0]!;
}

/**
 * The settings file that the chart renders, as the operator reads it.
 * @throws Error naming what the operator would refuse
 */
export function operatorSettings(objects: readonly Manifest[]): OperatorConfig {
  const files = objects.flatMap(({ kind, data }) =>
    kind === 'ConfigMap' ? Object.entries(data as Record<string, string>) : [],
  );
  const [, file] = files.find(([name]) => name === 'operator.yaml')!;
  const folder = mkdtempSync(join(tmpdir(), 'streammonitor-settings-'));
  try {
    const path = join(folder, 'operator.yaml');
    writeFileSync(path, file);
    return readOperatorConfig(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
