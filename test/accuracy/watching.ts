import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { Incident } from '../../crds/incident.ts';
import { createLogger } from '../../monitor/commands/logger.ts';
import { opener } from '../../monitor/commands/source-opener.ts';
import type { Measurement } from '../../monitor/detectors/contract.ts';
import { type ActiveDetector, selectDetectors, wantsOf } from '../../monitor/watch/detector-selection.ts';
import { createStreamWatcher } from '../../monitor/watch/reference-watcher.ts';
import type { DefectClass } from './injection.ts';

/** A built-in detector's type. */
export type DetectorType = keyof typeof detectorCatalogue;

export type WatchedIncident = Pick<
  Incident,
  'detector' | 'kind' | 'severity' | 'channel' | 'score' | 'confidence' | 'area' | 'source'
> & {
  /** Media seconds. */
  readonly start: number;
  readonly end: number;
};

/** What watching a clip has told. */
export interface Watched {
  readonly incidents: readonly WatchedIncident[];
  /** Gauges in the order in which they were said. */
  readonly measurements: readonly Measurement[];
  /** Why a detector could not tell at the end. */
  readonly unknown: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly frames: number;
}

export interface WatchOptions {
  /** Which detectors; those that are on by default where absent. */
  readonly detectors?: readonly DetectorType[];
  readonly reference?: string;
  /** Of those detectors, by type; the defaults where absent. */
  readonly parameters?: Readonly<Record<string, DefectClass['parameters']>>;
}

/**
 * Watches a file or local playlist to its end, as `probe` does.
 * @throws Error when it cannot be opened or decoded at all
 */
export async function watch(
  path: string,
  { detectors: types, reference, parameters = {} }: WatchOptions,
): Promise<Watched> {
  const logger = createLogger('fatal');
  const detectors = await detectorsOf(types, parameters);
  const open = opener(path, { header: {} }, logger);
  const openReference = reference === undefined ? undefined : opener(reference, { header: {} }, logger);
  if (typeof open === 'string') throw new Error(open);
  if (typeof openReference === 'string') throw new Error(openReference);
  const pipeDirectory = mkdtempSync(join(tmpdir(), 'streammonitor-accuracy-'));
  const incidents: WatchedIncident[] = [];
  const measurements: Measurement[] = [];
  const unknown: Record<string, string> = {};
  let seconds = 0;
  let frames = 0;
  let failure: string | undefined;
  const watcher = createStreamWatcher(
    {
      identity: { namespace: 'default', monitor: 'accuracy', stream: 'clip' },
      detectors,
      wants: wantsOf(detectors, { preview: false }),
      open: (listener) => open('highest', listener),
      persistent: false,
      pictures: false,
      clock: { origin: Date.now(), now: Date.now },
      newId: randomUUID,
      emit: (event) => {
        if (event.type === 'state' && event.state.phase === 'Down') failure = event.state.message;
        if (event.type === 'measurement') measurements.push(event.measurement);
        if (event.type === 'unknown') {
          if (event.reason === undefined) delete unknown[event.detector];
          else unknown[event.detector] = event.reason;
        }
        if (event.type === 'seconds') {
          seconds += event.seconds.monitored;
          frames += event.seconds.frames;
        }
        if (event.type !== 'incident') return;
        const { incident } = event;
        if (event.change !== 'closed') return;
        const { detector, kind, severity, channel, score, confidence, area, source, start } = incident;
        incidents.push({
          ...{ detector, kind, severity, score, confidence, start },
          ...(channel !== undefined && { channel }),
          ...(area !== undefined && { area }),
          ...(source !== undefined && { source }),
          end: incident.end ?? start,
        });
      },
      pipeDirectory,
      logger,
    },
    openReference && { open: (listener) => openReference('highest', listener), persistent: false },
  );
  try {
    await watcher.watch();
  } finally {
    rmSync(pipeDirectory, { recursive: true, force: true });
  }
  if (frames === 0 && seconds === 0)
    throw new Error(`${path} could not be watched: ${failure ?? 'no media'}`);
  return { incidents, measurements, unknown, seconds, frames };
}

async function detectorsOf(
  types: readonly DetectorType[] | undefined,
  parameters: NonNullable<WatchOptions['parameters']>,
): Promise<ActiveDetector[]> {
  if (!types) return selectDetectors(resolveDetectors());
  const all = Object.keys(detectorCatalogue);
  const settings = Object.fromEntries(
    all.map((type) => [type, { enabled: (types as readonly string[]).includes(type), ...parameters[type] }]),
  );
  return selectDetectors(resolveDetectors({ profile: 'recommended', ...settings }));
}
