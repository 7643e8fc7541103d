import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A real S3 server on a free loopback port, with one bucket whose objects are files below `bucketDirectory`. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly bucketDirectory: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Sends its process a signal, such as one that freezes it. */
  signal(signal: NodeJS.Signals): void;
  /** Of the process that runs now. */
  pid(): number;
  /** Ends the server's process; its objects stay. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops it and removes its objects. */
  remove(): Promise<void>;
}

/** Starts a server; the first call on a machine builds it. */
export async function startS3Server(): Promise<S3Server> {
  const script = fileURLToPath(new URL('../setup/versitygw.sh', import.meta.url));
  const binary = execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-s3-'));
  const bucketDirectory = join(directory, 'data', 'results');
  const metadata = join(directory, 'metadata');
  for (const path of [bucketDirectory, metadata]) mkdirSync(path, { recursive: true });
  const port = await freePort();
  const credentials = { accessKeyId: 'test-access', secretAccessKey: 'test-secret' };
  const environment = {
    ROOT_ACCESS_KEY: credentials.accessKeyId,
    ROOT_SECRET_KEY: credentials.secretAccessKey,
  };
  const options = ['--quiet', '--port', `127.0.0.1:${port}`, '--region', 'eu-test-1'];
  // Metadata in files of its own: extended attributes are not supported by every temporary file system.
  const backend = ['posix', '--sidecar', metadata, join(directory, 'data')];

  const launch = async () => {
    const child = spawn(binary, [...options, ...backend], {
      env: { ...process.env, ...environment },
      stdio: 'ignore',
    });
    await answering(port, () => child.exitCode);
    return child;
  };
  let child = await launch();
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'results',
    bucketDirectory,
    region: 'eu-test-1',
    ...credentials,
    signal: (signal) => {
      child.kill(signal);
    },
    pid: () => child.pid!,
    stop,
    start: async () => {
      child = await launch();
    },
    remove: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answering(port: number, exitCode: () => number | null): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (exitCode() !== null) throw new Error(`the S3 server ended with code ${exitCode()}`);
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error('the S3 server does not answer after 10 s');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
