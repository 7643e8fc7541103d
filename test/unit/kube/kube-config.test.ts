import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadKubeConfig } from '../../../operator/kube/kube-config.ts';
import { readKubeConfigFiles } from '../../../operator/kube/kubeconfig-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-config-'));
  vi.stubEnv('HOME', folder);
  vi.stubEnv('KUBECONFIG', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** A file with one context of the given name. */
function configOf(name: string, context: Record<string, string> = {}, user: Record<string, unknown> = {}) {
  return {
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}.example:6443` } }],
    users: [{ name, user: { token: 'secret', ...user } }],
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
  };
}

describe('the cluster that is used', () => {
  it('is that of the given file, else of KUBECONFIG, else of the home folder', () => {
    mkdirSync(join(folder, '.kube'));
    write('.kube/config', configOf('home'));
    expect(loadKubeConfig().server).toBe('https://home.example:6443');
    vi.stubEnv('KUBECONFIG', write('environment', configOf('environment')));
    expect(loadKubeConfig().server).toBe('https://environment.example:6443');
    expect(loadKubeConfig({ path: write('given', configOf('given')) }).server).toBe(
      'https://given.example:6443',
    );
  });

  it('is that of the context that is asked for, with its namespace', () => {
    const [one, two] = [configOf('one', { namespace: 'live' }), configOf('two')];
    vi.stubEnv('KUBECONFIG', ['missing', write('1', one), write('2', two)].join(delimiter));
    const first = loadKubeConfig();
    expect([first.server, first.namespace]).toEqual(['https://one.example:6443', 'live']);
    const second = loadKubeConfig({ context: 'two' });
    expect([second.server, second.namespace]).toEqual(['https://two.example:6443', 'default']);
  });

  it('is asked for where there is none', () => {
    expect(() => loadKubeConfig()).toThrow(
      'no cluster is configured: pass --kubeconfig FILE, set KUBECONFIG',
    );
    vi.stubEnv('KUBECONFIG', '/nowhere/config');
    expect(() => loadKubeConfig()).toThrow('KUBECONFIG names no file that exists: /nowhere/config');
  });

  it.each([
    [
      'no current-context',
      { ...configOf('a'), 'current-context': undefined },
      'set it, or pass --context NAME',
    ],
    ['another context', { ...configOf('a'), 'current-context': 'b' }, 'has no context "b": it has a'],
    ['no such cluster', configOf('a', { cluster: 'x' }), 'names the cluster "x", which is not there'],
    ['no such user', configOf('a', { user: 'x' }), 'names the user "x", which is not there'],
    ['a list for a mapping', [], 'is not a mapping: give a file of kind Config'],
    ['a mapping for a list', { clusters: {} }, 'clusters must be a list'],
    ['no name', { users: [{ user: { token: 'secret' } }] }, 'users[0].name is missing'],
    ['a text for a user', { users: [{ name: 'a', user: 'secret' }] }, 'users[0].user must be a mapping'],
    ['no YAML', 'users:\n- token: [secret\n  - {', 'is not YAML: '],
  ])('is not guessed: %s', (_, content, message) => {
    const path = write('bad', content);
    const load = () => loadKubeConfig({ path });
    expect(load).toThrow(message);
    expect(load).toThrow(path);
    expect(load).not.toThrow('secret');
  });

  it('is reached over http or https alone', () => {
    const config = configOf('a');
    config.clusters[0]!.cluster.server = 'ftp://a.example';
    expect(() => loadKubeConfig({ path: write('ftp', config) })).toThrow(
      'must be an http or https URL, it is ftp:',
    );
  });
});

describe('credentials', () => {
  it('go out as a header, and none of them into an error', async () => {
    const connection = loadKubeConfig({ path: write('token', configOf('a')) });
    expect((await connection.authorise()).headers).toMatchObject({ authorization: 'Bearer secret' });
    await connection.close();
    await expect(connection.authorise()).rejects.toThrow('the connection to the API server was closed');
  });

  it('keep one dispatcher as long as they stay the same', async () => {
    const connection = loadKubeConfig({ path: write('token', configOf('a')) });
    const [first, second] = await Promise.all([connection.authorise(), connection.authorise()]);
    expect(first.dispatcher).toBe(second.dispatcher);
    expect(connection.refused(first)).toBe(true);
    const reloaded = await connection.authorise();
    expect(reloaded.dispatcher).toBe(first.dispatcher);
    // Loaded a moment ago: not again.
    expect(connection.refused(reloaded)).toBe(false);
    // One that went out before is worth another try.
    expect(connection.refused(first)).toBe(true);
    await connection.close();
  });

  it('get a new dispatcher when a certificate is another one, which is seen within 10 s', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const certificate = write('certificate', 'first');
    const connection = loadKubeConfig({
      path: write('config', configOf('a', {}, { 'client-certificate': certificate })),
    });
    const first = await connection.authorise();
    write('certificate', 'second');
    expect(await connection.authorise()).toBe(first);
    vi.advanceTimersByTime(10_000);
    expect((await connection.authorise()).dispatcher).not.toBe(first.dispatcher);
    await connection.close();
    vi.useRealTimers();
  });

  it.each([
    ['a token file', { tokenFile: 'absent' }, 'credentials in FOLDER/absent cannot be read: ENOENT'],
    [
      'a certificate',
      { 'client-certificate': 'absent' },
      'credentials in FOLDER/absent cannot be read: ENOENT',
    ],
    [
      'a plugin',
      { exec: { command: './absent' } },
      'the credential plugin FOLDER/absent of the kubeconfig is not',
    ],
  ])('that are missing are named: %s', async (_, user, message) => {
    const connection = loadKubeConfig({ path: write('missing', configOf('a', {}, user)) });
    await expect(connection.authorise()).rejects.toMatchObject({
      code: 'Unauthorized',
      message: expect.stringContaining(message.replace('FOLDER', folder)),
    });
  });

  it('that a plugin printed in a wrong form are not repeated', async () => {
    const command = write('plugin', '#!/bin/sh\necho secret-token\n');
    chmodSync(command, 0o755);
    const path = write('config', configOf('a', {}, { exec: { command } }));
    const failure = await loadKubeConfig({ path })
      .authorise()
      .catch((error: Error) => error);
    expect(String(failure)).toContain(`the credential plugin ${command} of the kubeconfig failed`);
    expect(String(failure)).not.toContain('secret-token');
  });
});

describe('the client library, which takes 80 MB', () => {
  it('is not loaded for a token, and is for a plugin', () => {
    const module = new URL('../../../operator/kube/kube-config.ts', import.meta.url).href;
    const paths = [
      write('token', configOf('a')),
      write('plugin', configOf('a', {}, { exec: { command: './absent' } })),
    ];
    const script = `import { createRequire } from 'node:module';
      import { loadKubeConfig } from ${JSON.stringify(module)};
      for (const path of ${JSON.stringify(paths)}) {
        await loadKubeConfig({ path }).authorise().catch(() => {});
        const loaded = Object.keys(createRequire(import.meta.url).cache);
        console.log(loaded.some((file) => file.includes('client-node')));
      }
      process.exit();`;
    const answer = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(answer).toBe('false\ntrue\n');
  });

  it('gets the same cluster and account where it is needed after all', () => {
    const connection = loadKubeConfig({ path: write('token', configOf('a', { namespace: 'live' })) });
    expect(connection.config.getCurrentUser()?.token).toBe('secret');
    expect(connection.config.getCurrentCluster()?.server).toBe('https://a.example:6443');
    expect(connection.config.getContextObject('a')?.namespace).toBe('live');
  });
});

describe('several kubeconfig files', () => {
  it('are one, in which the first that has a name wins', () => {
    const [first, second] = [configOf('a'), configOf('a')];
    second.clusters[0]!.cluster.server = 'https://second.example';
    const merged = readKubeConfigFiles([write('1', first), write('2', second), write('3', configOf('b'))]);
    expect(merged['current-context']).toBe('a');
    expect(merged.clusters).toEqual([first.clusters[0], configOf('b').clusters[0]]);
  });
});
