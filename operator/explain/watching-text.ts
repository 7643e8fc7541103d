import { painted } from '../../cli/terminal.ts';
import { openDefects, type StreamWatching } from './stream-watching.ts';

/** How a stream is watched now, for a person: a line for each thing that there is to say. */
export function watchingText(watching: StreamWatching, now: number): string[] {
  const { phase, reason, message, since, video, audio, incidents } = watching;
  const style = phase === 'Up' ? 'green' : phase === 'Down' ? 'red' : 'yellow';
  const media = [video, audio].filter((text) => text !== undefined).join(' · ');
  const defects = openDefects(watching);
  const expected = incidents.length - defects.length;
  return [
    `  ${painted(style, phase)} since ${since}, ${reason}${message === '' ? '' : `: ${message}`}`,
    ...(media === '' ? [] : [`  ${media}`]),
    `  ${figures(watching)}`,
    ...defects.map(
      ({ detector, kind, severity, score, startTime }) =>
        `  ${painted(severity === 'critical' ? 'red' : 'yellow', `${severity} ${detector}`)} (${kind}) for ` +
        `${duration((now - Date.parse(startTime)) / 1000)}, score ${score.toFixed(2)}`,
    ),
    ...(expected > 0 ? [`  ${expected} more, which are to be expected`] : []),
  ];
}

/** Seconds for a person: `12 s`, `3 min`, `5.2 h`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 6_000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function figures({ monitoredSeconds, blindSeconds, defectSeconds, lagSeconds, cpu }: StreamWatching): string {
  return [
    `watched for ${duration(monitoredSeconds)}`,
    `blind for ${duration(blindSeconds)}`,
    `with defects for ${duration(defectSeconds)}`,
    `${duration(lagSeconds)} behind`,
    ...(cpu === undefined ? [] : [`${Math.round(cpu)} ms CPU per second`]),
  ].join(', ');
}
