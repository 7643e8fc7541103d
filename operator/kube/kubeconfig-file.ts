import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { parseDocument } from 'yaml';

/** A mapping of which nothing is known. */
export type Fields = Record<string, unknown>;

interface Named {
  readonly name: string;
  readonly fields: Fields;
}

/** Clusters, contexts and users of one or more kubeconfig files, in the shape of one such file. */
export interface KubeConfigDocument {
  readonly clusters: Fields[];
  readonly contexts: Fields[];
  readonly users: Fields[];
  'current-context'?: string;
}

/**
 * Reads kubeconfig files and merges them as kubectl does: the first file that has a name wins. Paths inside are
 * made absolute, by the folder of their file.
 * @throws Error that names the file and the fix; never with a line of the file, which holds credentials
 */
export function readKubeConfigFiles(paths: readonly string[]): KubeConfigDocument {
  const merged: KubeConfigDocument = { clusters: [], contexts: [], users: [] };
  for (const path of paths) {
    const document = parse(path);
    const folder = dirname(path);
    const clusters = namedFields(path, document, 'clusters', 'cluster');
    const contexts = namedFields(path, document, 'contexts', 'context');
    const users = namedFields(path, document, 'users', 'user');
    add(merged.clusters, clusters, 'cluster', (cluster) =>
      absolute(folder, cluster, 'certificate-authority'),
    );
    add(merged.contexts, contexts, 'context', (context) => context);
    add(merged.users, users, 'user', (user) => adaptedUser(folder, user));
    const current = document['current-context'];
    if (typeof current === 'string' && current !== '') merged['current-context'] ??= current;
  }
  return merged;
}

function parse(path: string): Fields {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`kubeconfig ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  // Its warnings, on the standard error of the process, would quote the file.
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const problem = document.errors[0];
  if (problem) {
    const line = text.slice(0, problem.pos[0]).split('\n').length;
    throw new Error(`kubeconfig ${path} is not YAML: ${problem.code} in line ${line}`);
  }
  const content: unknown = document.toJS() ?? {};
  if (!isFields(content)) throw new Error(`kubeconfig ${path} is not a mapping: give a file of kind Config`);
  return content;
}

function namedFields(path: string, document: Fields, list: string, key: string): Named[] {
  const entries = document[list] ?? [];
  if (!Array.isArray(entries)) throw new Error(`kubeconfig ${path}: ${list} must be a list`);
  return entries.map((entry: unknown, index) => {
    if (!isFields(entry) || typeof entry.name !== 'string') {
      throw new Error(`kubeconfig ${path}: ${list}[${index}].name is missing`);
    }
    const fields = entry[key] ?? {};
    if (!isFields(fields)) throw new Error(`kubeconfig ${path}: ${list}[${index}].${key} must be a mapping`);
    return { name: entry.name, fields };
  });
}

function add(
  target: Fields[],
  entries: readonly Named[],
  key: string,
  adapt: (fields: Fields) => Fields,
): void {
  for (const { name, fields } of entries) {
    if (!target.some((known) => known.name === name)) target.push({ name, [key]: adapt(fields) });
  }
}

/** In the words of the library that authenticates: it reads token files only as an auth provider, again each minute. */
function adaptedUser(folder: string, user: Fields): Fields {
  const adapted = absolute(folder, user, 'client-certificate', 'client-key', 'tokenFile');
  const { tokenFile, exec } = adapted;
  if (typeof tokenFile === 'string') {
    delete adapted.token;
    adapted['auth-provider'] = { name: 'tokenFile', config: { tokenFile } };
  }
  if (isFields(exec)) adapted.exec = adaptedPlugin(folder, exec);
  return adapted;
}

/** Plugins expect to be told what they are asked for; those named with a slash stand beside the file. */
function adaptedPlugin(folder: string, exec: Fields): Fields {
  const information = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const environment = [
    ...(Array.isArray(exec.env) ? exec.env : []),
    { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(information) },
  ];
  const plugin = { ...exec, env: environment };
  return String(exec.command).includes('/') ? absolute(folder, plugin, 'command') : plugin;
}

function absolute(folder: string, fields: Fields, ...keys: string[]): Fields {
  const result = { ...fields };
  for (const key of keys) {
    const path = fields[key];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) result[key] = join(folder, path);
  }
  return result;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
