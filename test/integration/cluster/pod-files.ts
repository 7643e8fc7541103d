import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ApiConnection } from './api-connection.ts';
import type { Container, Pod, Volume } from './pod.ts';

/** The volumes of one pod as directories below a root of their own, laid out as a kubelet does. */
export class PodFiles {
  readonly root: string;
  readonly #api: ApiConnection;
  readonly #pod: Pod;
  /** What was written last, by directory. */
  readonly #written = new Map<string, string>();
  #version = 0;

  constructor(api: ApiConnection, pod: Pod, root: string) {
    this.#api = api;
    this.#pod = pod;
    this.root = root;
  }

  /** For what the process would have in its own `/tmp`; goes with the pod. */
  async temporaryDirectory(): Promise<string> {
    const directory = join(this.root, 'tmp');
    await mkdir(directory, { recursive: true });
    return directory;
  }

  /**
   * Brings every ConfigMap and Secret to what the API server has now.
   * @returns `false` when one that is not optional is missing: a kubelet does not start the pod then
   */
  async refresh(): Promise<boolean> {
    const mounts = this.#container.volumeMounts ?? [];
    const complete = await Promise.all(
      mounts.map(({ name, mountPath }) => {
        const volume = this.#pod.spec.volumes?.find((each) => each.name === name);
        return this.#refreshVolume(volume, mountPath);
      }),
    );
    return complete.every(Boolean);
  }

  /** Arguments with paths of the container turned into those of this machine. */
  translate(argument: string): string {
    const [, prefix = '', path] = /^(--[\w-]+=)?(\/.*)$/.exec(argument) ?? [];
    if (path === undefined) return argument;
    const mounted = (this.#container.volumeMounts ?? []).some(
      ({ mountPath }) => path.startsWith(mountPath) || mountPath.startsWith(`${path}/`),
    );
    return mounted ? `${prefix}${join(this.root, path)}` : argument;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  get #container(): Container {
    return this.#pod.spec.containers[0];
  }

  async #refreshVolume(volume: Volume | undefined, mountPath: string): Promise<boolean> {
    const directory = join(this.root, mountPath);
    await mkdir(directory, { recursive: true });
    const { configMap, secret } = volume ?? {};
    if (configMap) {
      const data = await this.#data('configmaps', configMap.name);
      if (data) await this.#write(directory, data, 'utf8');
      return data !== undefined || configMap.optional === true;
    }
    if (secret) {
      const data = await this.#data('secrets', secret.secretName);
      if (data || this.#written.has(directory)) await this.#write(directory, data ?? {}, 'base64');
      return data !== undefined || secret.optional === true;
    }
    return true;
  }

  async #data(plural: string, name: string): Promise<Record<string, string> | undefined> {
    const path = `/api/v1/namespaces/${this.#pod.metadata.namespace}/${plural}/${name}`;
    const { status, body } = await this.#api.request<{ data?: Record<string, string> }>('GET', path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`${path}: ${status}`);
    return body.data ?? {};
  }

  /** Replaces all keys at one instant: each is a link through `..data`, which is what changes. */
  async #write(directory: string, data: Record<string, string>, encoding: BufferEncoding): Promise<void> {
    const text = JSON.stringify(data);
    if (this.#written.get(directory) === text) return;
    const name = `..${++this.#version}`;
    const version = join(directory, name);
    await mkdir(version, { mode: 0o700 });
    for (const [key, value] of Object.entries(data)) {
      await writeFile(join(version, key), Buffer.from(value, encoding), { mode: 0o600 });
    }
    const current = join(directory, '..data');
    const previous = await readlink(current).catch(() => undefined);
    await symlink(name, `${current}.new`);
    await rename(`${current}.new`, current);
    const gone = Object.keys(JSON.parse(this.#written.get(directory) ?? '{}')).filter(
      (key) => !(key in data),
    );
    for (const key of gone) await rm(join(directory, key));
    for (const key of Object.keys(data)) {
      await symlink(join('..data', key), join(directory, key)).catch(ignoreExisting);
    }
    if (previous !== undefined) await rm(join(dirname(current), previous), { recursive: true });
    this.#written.set(directory, text);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
