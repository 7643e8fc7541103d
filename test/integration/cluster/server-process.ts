import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server of the test cluster. It ends with the process that started it, however that ends. */
export class ServerProcess {
  readonly #command: readonly string[];
  readonly #name: string;
  readonly #logPath: string;
  #child: ChildProcess | undefined;

  /** @param logPath file to which its output is appended */
  constructor(name: string, command: readonly string[], logPath: string) {
    this.#name = name;
    this.#command = command;
    this.#logPath = logPath;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const log = openSync(this.#logPath, 'a');
    // The kernel ends it with its parent, which a parent that was killed could not do itself.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...this.#command], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
  }

  /**
   * Waits until it answers.
   * @throws Error with the end of its log when it ended or took more than `seconds`
   */
  async ready(answers: () => Promise<boolean>, seconds = 60): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!(await answers())) {
      if (!this.#isRunning()) throw await this.#failure('ended');
      if (performance.now() > deadline) throw await this.#failure(`does not answer within ${seconds} s`);
      await sleep(25);
    }
  }

  /** Sends the signal and waits for the end; a process that ignores it for 10 s is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || !this.#isRunning()) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const deadline = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(deadline);
  }

  #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #failure(what: string): Promise<Error> {
    const log = await readFile(this.#logPath, 'utf8').catch(() => '');
    return new Error(`${this.#name} ${what}:\n${log.split('\n').slice(-15).join('\n')}`);
  }
}
