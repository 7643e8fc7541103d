import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Incident } from '../../crds/incident.ts';
import { localRanges } from '../../crds/local-ranges.ts';
import { type ActiveDetector, wantsOf } from '../watch/detector-selection.ts';
import { openFile } from '../watch/session-source.ts';
import { StreamWatcher } from '../watch/stream-watcher.ts';
import type { WatchEvent } from '../watch/watch-event.ts';

/** What a module's detector found in one media file. */
export interface MediaRun {
  readonly file: string;
  /** Seconds of media. */
  readonly seconds: number;
  readonly incidents: readonly Incident[];
  /** Why it could not tell at the end. */
  readonly unknown?: string;
  readonly failures: readonly string[];
  /** CPU of the steps, in ms per second of media. */
  readonly cost: number;
}

/** Runs one detector alone over a media file, as `probe` does. */
export async function runOverMedia(file: string, detector: ActiveDetector): Promise<MediaRun> {
  const incidents: Incident[] = [];
  const failures: string[] = [];
  let seconds = 0;
  let unknown: string | undefined;
  const emit = (event: WatchEvent) => {
    if (event.type === 'incident' && event.change === 'closed') incidents.push(event.incident);
    if (event.type === 'detector-failed') failures.push(event.message);
    if (event.type === 'unknown') unknown = event.reason;
    if (event.type === 'seconds') seconds += event.seconds.monitored;
    if (event.type === 'state' && event.state.phase === 'Down') failures.push(event.state.message);
  };
  const pipeDirectory = mkdtempSync(join(tmpdir(), 'streammonitor-'));
  try {
    await new StreamWatcher({
      identity: { namespace: 'default', monitor: 'test-detector', stream: file },
      detectors: [detector],
      wants: wantsOf([detector], { preview: false }),
      open: (listener) =>
        openFile(file, {
          rendition: 'highest',
          headers: {},
          allowedRanges: localRanges,
          ...listener,
          onRemark: () => {},
        }),
      persistent: false,
      pictures: false,
      clock: { origin: Date.now(), now: Date.now },
      newId: randomUUID,
      emit,
      pipeDirectory,
      logger: pino({ level: 'silent' }),
    }).watch();
  } finally {
    rmSync(pipeDirectory, { recursive: true, force: true });
  }
  return { file, seconds, incidents, failures, cost: 0, ...(unknown !== undefined && { unknown }) };
}
