import { type DetectorManifest, type Severity, severities } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import type { IncidentChangeName } from '../../crds/incident-event.ts';
import { type StreamState, streamReasons } from '../../crds/stream-state.ts';
import { suppressionReasons } from '../../crds/suppression.ts';
import type { EvidenceKind, Measurement } from '../detectors/contract.ts';
import { failureReasons } from '../watch/running-detector.ts';
import type { StreamIdentity, WatchEvent, WatchedSeconds } from '../watch/watch-event.ts';
import type { MetricSet } from './metric-set.ts';
import { SeriesGroup } from './series-group.ts';

/** A record, so that the compiler misses a kind that is not declared. */
const evidenceKinds: Readonly<Record<EvidenceKind, true>> = {
  'continuity-gap': true,
  'transport-error': true,
  'transport-fault': true,
  'playlist-fault': true,
  'missing-segment': true,
  'short-segment': true,
  'decoder-error': true,
  'decoder-concealment': true,
  'random-access': true,
};

/** Reasons not to be watched, or to be opened again. */
const failures = Object.keys(streamReasons).filter(
  (reason) => reason !== 'Receiving' && reason !== 'EndOfStream',
);

/** All series of one stream. */
export class StreamSeries {
  readonly #set: MetricSet;
  readonly #series: SeriesGroup;
  readonly #addedAt: number;
  readonly #open = new Map<string, { readonly detector: string; readonly severity: Severity }>();

  /** `addedAt` is wall time in ms since 1970: incidents opened before were counted by whoever opened them. */
  constructor(
    set: MetricSet,
    { namespace, monitor, stream }: StreamIdentity,
    detectors: readonly DetectorManifest[],
    addedAt: number,
  ) {
    this.#set = set;
    this.#series = new SeriesGroup({ namespace, monitor, stream });
    this.#addedAt = addedAt;
    this.#declare(detectors);
  }

  /** Counts an event; the delay of the detection where it is that of a new incident. */
  consume(event: WatchEvent): { readonly detector: string; readonly seconds: number } | undefined {
    switch (event.type) {
      case 'incident':
        return this.#incident(event.change, event.incident);
      case 'seconds':
        this.#seconds(event.seconds);
        break;
      case 'state':
        this.#state(event.state);
        break;
      case 'unknown':
        this.#series.set(
          this.#set.detectorUnknown,
          { detector: event.detector },
          event.reason === undefined ? 0 : 1,
        );
        break;
      case 'detector-failed':
        this.#series.increase(
          this.#set.detectorFailures,
          { detector: event.detector, reason: event.reason },
          1,
        );
        break;
      case 'dropped':
        this.#series.increase(this.#set.detectorDropped, { detector: event.detector }, event.observations);
        break;
      case 'measurement':
        this.#measurement(event.measurement);
        break;
      case 'reconnect':
        this.#series.increase(this.#set.reconnects, { reason: bounded(event.reason) }, 1);
    }
    return undefined;
  }

  /** Detectors of modules can fail, and be too slow. */
  declareModules(types: readonly string[]): void {
    for (const detector of types) {
      this.#series.increase(this.#set.detectorDropped, { detector }, 0);
      for (const reason of Object.keys(failureReasons)) {
        this.#series.increase(this.#set.detectorFailures, { detector, reason }, 0);
      }
    }
  }

  remove(): void {
    this.#series.removeAll();
  }

  #declare(detectors: readonly DetectorManifest[]): void {
    const set = this.#set;
    for (const counter of [set.monitoredSeconds, set.cpu]) this.#series.increase(counter, {}, 0);
    this.#series.set(set.up, {}, 0);
    for (const reason of failures) {
      this.#series.increase(set.blindSeconds, { reason }, 0);
      this.#series.increase(set.reconnects, { reason }, 0);
    }
    for (const reason of suppressionReasons) this.#series.increase(set.suppressedSeconds, { reason }, 0);
    this.#series.increase(set.frames, {}, 0);
    for (const evidence of Object.keys(evidenceKinds)) {
      this.#series.increase(set.transportEvidence, { evidence }, 0);
    }
    for (const { type: detector, kinds } of detectors) {
      this.#series.set(set.detectorUnknown, { detector }, 0);
      for (const severity of severities) {
        this.#series.increase(set.defectSeconds, { detector, severity }, 0);
        this.#series.set(set.defectActive, { detector, severity }, 0);
        for (const kind of Object.keys(kinds)) {
          this.#series.increase(set.defects, { detector, kind, severity }, 0);
        }
      }
    }
  }

  #incident(change: IncidentChangeName, incident: Incident) {
    const { id, detector, kind, severity } = incident;
    // What was to be expected is no defect.
    if (incident.suppressed !== undefined) return undefined;
    const before = this.#open.get(id);
    // The late answer to an action changes an incident that is closed.
    if (incident.state === 'closed') this.#open.delete(id);
    else this.#open.set(id, { detector, severity });
    if (before) this.#countOpen(detector, before.severity);
    this.#countOpen(detector, severity);
    const openedAt = Date.parse(incident.openedAt);
    if (change !== 'opened' || before || openedAt < this.#addedAt) return undefined;
    this.#series.increase(this.#set.defects, { detector, kind, severity }, 1);
    return { detector, seconds: Math.max(0, openedAt - Date.parse(incident.startTime)) / 1000 };
  }

  #countOpen(detector: string, severity: Severity): void {
    const open = [...this.#open.values()].filter(
      (incident) => incident.detector === detector && incident.severity === severity,
    );
    this.#series.set(this.#set.defectActive, { detector, severity }, open.length);
  }

  #seconds({ monitored, blind, defect, suppressed = {}, frames, evidence, cpu }: WatchedSeconds): void {
    const set = this.#set;
    this.#series.increase(set.monitoredSeconds, {}, monitored);
    this.#series.increase(set.cpu, {}, cpu);
    for (const [reason, seconds] of Object.entries(blind)) {
      this.#series.increase(set.blindSeconds, { reason: bounded(reason) }, seconds);
    }
    for (const { detector, severity, seconds } of defect) {
      this.#series.increase(set.defectSeconds, { detector, severity }, seconds);
    }
    for (const [reason, seconds] of Object.entries(suppressed)) {
      this.#series.increase(set.suppressedSeconds, { reason }, seconds);
    }
    this.#series.increase(set.frames, {}, frames);
    for (const [kind, count] of Object.entries(evidence)) {
      if (kind in evidenceKinds) this.#series.increase(set.transportEvidence, { evidence: kind }, count);
    }
  }

  #measurement(measurement: Measurement): void {
    const set = this.#set;
    switch (measurement.name) {
      case 'av_offset_seconds':
        this.#series.set(set.avOffset, {}, measurement.value);
        break;
      case 'true_peak_dbtp':
        this.#series.set(set.truePeak, {}, measurement.value);
        break;
      case 'loudness_range_lu':
        this.#series.set(set.loudnessRange, {}, measurement.value);
        break;
      case 'loudness_lufs':
        this.#series.set(set.loudness, { window: measurement.window }, measurement.value);
    }
  }

  #state({ phase, reason }: StreamState): void {
    this.#series.set(this.#set.up, {}, phase === 'Up' ? 1 : 0);
    this.#series.remove(this.#set.state);
    this.#series.set(this.#set.state, { phase, reason: bounded(reason) }, 1);
  }
}

/** A label has a bounded set of values, whatever an event says. */
function bounded(reason: string): string {
  return reason in streamReasons ? reason : 'InternalError';
}
