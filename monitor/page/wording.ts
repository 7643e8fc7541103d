import type { PageDetector, TileIncident } from '../../crds/page-api.ts';

/** A length of time at a glance: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationText(seconds: number): string {
  if (seconds < 0.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(whole, 60, 'min', 's');
  if (whole < 86_400) return pair(Math.round(whole / 60), 60, 'h', 'min');
  return pair(Math.round(whole / 3600), 24, 'd', 'h');
}

/** How long ago an ISO 8601 time was, `now` in ms since 1970. */
export function agoText(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (seconds < 1.5) return 'just now';
  if (seconds < 3600)
    return `${seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min`} ago`;
  return `${durationText(seconds)} ago`;
}

/** Seconds that an incident has lasted, or did. */
export function incidentSeconds({ startTime, endTime }: TileIncident, now: number): number {
  return Math.max(0, ((endTime === undefined ? now : Date.parse(endTime)) - Date.parse(startTime)) / 1000);
}

/** `Audio out of sync · audio late · FL`. */
export function incidentText({ detector, title, kind, channel }: TileIncident): string {
  const parts = [title ?? inWords(detector)];
  if (kind !== detector) parts.push(kind.replaceAll('-', ' '));
  if (channel !== undefined) parts.push(channel);
  return parts.join(' · ');
}

/** What a person calls a detector: the title of its manifest or, without one, its type in words. */
export function detectorTitle(type: string, detectors: readonly PageDetector[]): string {
  return detectors.find((detector) => detector.type === type)?.title ?? inWords(type);
}

function inWords(type: string): string {
  const spaced = type.replaceAll('-', ' ');
  return sentence(spaced);
}

/** A time on the reader's clock, in full. */
export function fullTime(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** With a capital first letter. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A share of 0 … 1 in whole per cent. */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function pair(units: number, per: number, large: string, small: string): string {
  const rest = units % per;
  const whole = `${Math.floor(units / per)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}
