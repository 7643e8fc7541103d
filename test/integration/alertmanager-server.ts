import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePorts } from './cluster/free-ports.ts';
import { eventually } from './run-process.ts';

/** An alert as Alertmanager tells of it. */
export interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** A real Alertmanager that tells a webhook of its own of each change within a second, and ends with the test. */
export class AlertmanagerServer {
  readonly port: number;
  readonly #directory: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, directory: string) {
    this.port = port;
    this.#directory = directory;
  }

  /** @param receiver URL that is told of groups that fire or are resolved */
  static async start(receiver: string): Promise<AlertmanagerServer> {
    const directory = await mkdtemp(join(tmpdir(), 'alertmanager-'));
    const [port] = (await freePorts(1)) as [number];
    const server = new AlertmanagerServer(port, directory);
    onTestFinished(async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    });
    const times = { group_wait: '100ms', group_interval: '500ms', repeat_interval: '1h' };
    const config = {
      route: { receiver: 'test', group_by: ['...'], ...times },
      receivers: [{ name: 'test', webhook_configs: [{ url: receiver, send_resolved: true }] }],
    };
    await writeFile(join(directory, 'alertmanager.yml'), JSON.stringify(config));
    await server.resume();
    return server;
  }

  /** With a path, as behind a proxy. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/prefix`;
  }

  /** Starts it, after `stop` with what it knew. */
  async resume(): Promise<void> {
    const child = spawn(
      'alertmanager',
      [
        `--config.file=${join(this.#directory, 'alertmanager.yml')}`,
        `--storage.path=${join(this.#directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.port}`,
        `--web.external-url=${this.url}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.once('error', (error) => {
      said += error.message;
    });
    this.#child = child;
    await eventually('alertmanager', async () => {
      if (child.exitCode !== null || child.pid === undefined) {
        throw new Error(`alertmanager does not run; \`make test\` fetches it\n${said}`);
      }
      return fetch(`${this.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.pid === undefined) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  /** Alerts that fire now. */
  async firing(): Promise<readonly KnownAlert[]> {
    const response = await fetch(`${this.url}/api/v2/alerts`);
    return (await response.json()) as KnownAlert[];
  }
}
