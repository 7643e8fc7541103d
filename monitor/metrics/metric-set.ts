import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';

/** Of every metric, those of the process included. */
export const metricPrefix = 'streammonitor_';

const stream = ['namespace', 'monitor', 'stream'] as const;
const monitor = ['namespace', 'monitor'] as const;

/** From the shortest minimum duration of a detector to what a person would have noticed first. In seconds. */
const delayBuckets = [0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60];
/** From a receiver on the same node to one that came back after an hour. In seconds. */
const latencyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

/**
 * Every metric of a shard. The service level is 1 − `defect_seconds_total` ÷ `monitored_seconds_total`, with
 * `blind_seconds_total` beside it. Aggregators tell how the shards of one `run` add up.
 */
export function createMetricSet(registry: Registry, detectors: readonly DetectorManifest[]) {
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    new Counter<string>({
      name: metricPrefix + name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
    });
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    aggregator: 'sum' | 'max' | 'first',
  ) =>
    new Gauge<string>({
      name: metricPrefix + name,
      help,
      labelNames: [...labelNames],
      aggregator,
      registers: [registry],
    });
  const histogram = (name: string, help: string, labelNames: readonly string[], buckets: number[]) =>
    new Histogram<string>({
      name: metricPrefix + name,
      help,
      labelNames: [...labelNames],
      buckets,
      registers: [registry],
    });
  const kinds = detectors.map(({ type, kinds }) => `${type} (${Object.keys(kinds).join(', ')})`).join(', ');
  const titles = detectors.map(({ type, title }) => `${type}: ${title}`).join('; ');

  return {
    monitoredSeconds: counter('monitored_seconds_total', 'Seconds of media that were watched.', stream),
    blindSeconds: counter(
      'blind_seconds_total',
      'Seconds in which the stream should have been watched and was not, by reason.',
      [...stream, 'reason'],
    ),
    defectSeconds: counter(
      'defect_seconds_total',
      `Watched seconds with a defect, by detector at its worst severity. ${titles}.`,
      [...stream, 'detector', 'severity'],
    ),
    suppressedSeconds: counter(
      'suppressed_seconds_total',
      'Watched seconds with a defect that was to be expected, by reason: no defect seconds, and nobody was told.',
      [...stream, 'reason'],
    ),
    defects: counter(
      'defects_total',
      `Incidents opened, by detector, kind and severity at the opening. Kinds: ${kinds}.`,
      [...stream, 'detector', 'kind', 'severity'],
    ),
    defectActive: gauge(
      'defect_active',
      `Incidents that are open, by detector and severity. ${titles}.`,
      [...stream, 'detector', 'severity'],
      'sum',
    ),
    detectorUnknown: gauge(
      'detector_unknown',
      'Whether the detector cannot tell (1) or can (0); the report says why.',
      [...stream, 'detector'],
      'max',
    ),
    detectorFailures: counter(
      'detector_failures_total',
      'Times that a detector of a module was stopped because it failed, by reason.',
      [...stream, 'detector', 'reason'],
    ),
    detectorDropped: counter(
      'detector_dropped_observations_total',
      'Frames and other observations that a detector of a module was too slow for.',
      [...stream, 'detector'],
    ),
    // Without the stream: a delay is a property of the detector, and buckets for each stream would dwarf all else.
    detectionDelay: histogram(
      'detection_delay_seconds',
      'Wall time from the onset of a defect to its incident.',
      [...monitor, 'detector'],
      delayBuckets,
    ),
    frames: counter('frames_total', 'Frames analysed.', stream),
    transportEvidence: counter(
      'transport_evidence_total',
      'Transport evidence: lost packets and segments, decoder errors, clean random access points.',
      [...stream, 'evidence'],
    ),
    up: gauge('stream_up', 'Whether media arrives (1) or not (0).', stream, 'max'),
    state: gauge(
      'stream_state',
      'The phase that the stream is in and its reason, as a series of value 1.',
      [...stream, 'phase', 'reason'],
      'max',
    ),
    reconnects: counter('stream_reconnects_total', 'Times the source was opened again, by reason.', [
      ...stream,
      'reason',
    ]),
    avOffset: gauge(
      'av_offset_seconds',
      'Latest measured offset of sound against picture; positive when sound is early.',
      stream,
      'first',
    ),
    loudness: gauge(
      'loudness_lufs',
      'Loudness after ITU-R BS.1770: momentary (400 ms, the highest of a second), short-term (3 s), and integrated over the last hour.',
      [...stream, 'window'],
      'first',
    ),
    loudnessRange: gauge(
      'loudness_range_lu',
      'Loudness range after EBU Tech 3342 over the last hour of sound.',
      stream,
      'first',
    ),
    truePeak: gauge('true_peak_dbtp', 'Highest true peak in the last minute of sound.', stream, 'first'),
    cpu: counter('cpu_seconds_total', 'CPU time of the converter of the stream.', stream),
    notifications: counter('notifications_total', 'Notifications by sink and what became of them.', [
      ...monitor,
      'sink',
      'outcome',
    ]),
    notificationLatency: histogram(
      'notification_latency_seconds',
      'Wall time from what a notification tells of to its acknowledgement by the receiver.',
      [...monitor, 'sink'],
      latencyBuckets,
    ),
    actions: counter(
      'actions_total',
      'Corrective actions by what became of them; cooldown: due, and put off since the last one was too recent.',
      [...monitor, 'action', 'outcome'],
    ),
    resultUploads: counter('result_uploads_total', 'Result objects by sink and what became of them.', [
      'sink',
      'outcome',
    ]),
    spoolLimit: gauge(
      'spool_limit_bytes',
      'Most bytes that may wait for their delivery; beyond, the least important are dropped and counted.',
      [],
      'sum',
    ),
    buildInfo: gauge(
      'build_info',
      'Version of StreamMonitor and of Node, as a series of value 1.',
      ['version', 'node_version'],
      'first',
    ),
  };
}

export type MetricSet = ReturnType<typeof createMetricSet>;
