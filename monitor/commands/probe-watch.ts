import type { StreamState } from '../../crds/stream-state.ts';
import type { StreamWatcher } from '../watch/stream-watcher.ts';
import type { WatchEvent } from '../watch/watch-event.ts';
import type { ProbeReport } from './probe-report.ts';

/** Exit codes of `probe`. */
export const exitCode = { clean: 0, defects: 1, notWatched: 2 } as const;

/** One watching of the target, from its start to its summary. */
export class ProbeWatch {
  readonly #report: ProbeReport;
  readonly #watcher: StreamWatcher;
  #state: StreamState | undefined;
  #watched = false;

  constructor(report: ProbeReport, create: (emit: (event: WatchEvent) => void) => StreamWatcher) {
    this.#report = report;
    this.#watcher = create((event) => {
      if (event.type === 'state') this.#state = event.state;
      if (event.type === 'first-frame') this.#watched = true;
      report.event(event);
    });
  }

  stop(): void {
    this.#watcher.stop();
  }

  /** @returns the exit code that its outcome has by itself */
  async watch(): Promise<number> {
    await this.#watcher.watch();
    const down = this.#state?.phase === 'Down';
    this.#report.summary(this.#watched && !down ? undefined : this.#state);
    if (!this.#watched) return exitCode.notWatched;
    if (this.#report.defectCount > 0) return exitCode.defects;
    // What was not watched to its end was not found to be clean.
    return down ? exitCode.notWatched : exitCode.clean;
  }
}
