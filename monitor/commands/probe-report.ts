import type { Writable } from 'node:stream';
import type { Incident } from '../../crds/incident.ts';
import type { StreamState } from '../../crds/stream-state.ts';
import type { WatchEvent } from '../watch/watch-event.ts';

/** How `probe` tells what it finds. */
export interface ProbeReport {
  /** Incidents that a viewer is disturbed by: those that are not advisory. */
  readonly defectCount: number;
  event(event: WatchEvent): void;
  /** `failed`: the state in which the stream could not be watched to its end. */
  summary(failed: StreamState | undefined): void;
  /** The target cannot be watched at all. */
  failure(message: string): void;
}

/** What both forms count. */
class Totals {
  incidents = 0;
  advisories = 0;
  monitoredSeconds = 0;
  blindSeconds = 0;
  frames = 0;
  readonly unknown = new Map<string, string>();
  readonly evidence: Record<string, number> = {};
  /** What was watched last, for a person. */
  media: { readonly video?: string; readonly audio?: string } = {};

  get defects(): number {
    return this.incidents - this.advisories;
  }

  add(event: WatchEvent): void {
    if (event.type === 'incident' && event.change === 'closed') {
      this.incidents++;
      if (event.incident.severity === 'info') this.advisories++;
    }
    if (event.type === 'media') {
      const { type, ...media } = event;
      this.media = media;
    }
    if (event.type === 'unknown') {
      if (event.reason === undefined) this.unknown.delete(event.detector);
      else this.unknown.set(event.detector, event.reason);
    }
    if (event.type !== 'seconds') return;
    this.monitoredSeconds += event.seconds.monitored;
    this.frames += event.seconds.frames;
    for (const seconds of Object.values(event.seconds.blind)) this.blindSeconds += seconds;
    for (const [kind, count] of Object.entries(event.seconds.evidence)) {
      this.evidence[kind] = (this.evidence[kind] ?? 0) + count;
    }
  }
}

/** JSON lines: one per closed incident, and a summary last. */
export class JsonReport implements ProbeReport {
  readonly #totals = new Totals();
  readonly #output: Writable;
  readonly #rendition: string | undefined;

  /** `rendition`: which of several it is about. */
  constructor(output: Writable, rendition?: string) {
    this.#output = output;
    this.#rendition = rendition;
  }

  get defectCount(): number {
    return this.#totals.defects;
  }

  event(event: WatchEvent): void {
    this.#totals.add(event);
    if (event.type !== 'incident' || event.change !== 'closed') return;
    const { detector, kind, severity, start, end, score, confidence, channel, area, source, id } =
      event.incident;
    this.#write({
      type: 'incident',
      ...{ detector, kind, severity, start: rounded(start), end: rounded(end ?? start) },
      ...{
        score: rounded(score),
        confidence: rounded(confidence),
        channel,
        area: area && rounded(area),
        source,
        id,
      },
    });
  }

  summary(failed: StreamState | undefined): void {
    const { incidents, monitoredSeconds, blindSeconds, frames, evidence, unknown, media } = this.#totals;
    this.#write({
      type: 'summary',
      ...media,
      incidents,
      monitoredSeconds: rounded(monitoredSeconds),
      blindSeconds: rounded(blindSeconds),
      frames,
      evidence,
      unknown: Object.fromEntries(unknown),
      ...(failed && { reason: failed.reason, message: failed.message }),
    });
  }

  failure(message: string): void {
    this.#write({
      type: 'summary',
      incidents: 0,
      monitoredSeconds: 0,
      blindSeconds: 0,
      unknown: {},
      message,
    });
  }

  #write(line: object): void {
    const own = this.#rendition === undefined ? line : { rendition: this.#rendition, ...line };
    this.#output.write(`${JSON.stringify(own)}\n`);
  }
}

/** Lines for a person; a progress line where standard error is a terminal. */
export class TextReport implements ProbeReport {
  readonly #totals = new Totals();
  readonly #output: Writable;
  readonly #errors: Writable & { readonly isTTY?: boolean };
  readonly #prefix: string;
  #lastState = '';

  /** `rendition`: which of several it is about. */
  constructor(output: Writable, errors: Writable & { readonly isTTY?: boolean }, rendition?: string) {
    this.#output = output;
    this.#errors = errors;
    this.#prefix = rendition === undefined ? '' : `${rendition}: `;
  }

  get defectCount(): number {
    return this.#totals.defects;
  }

  event(event: WatchEvent): void {
    this.#totals.add(event);
    if (event.type === 'incident' && event.change === 'closed') this.#line(describe(event.incident));
    if (event.type === 'media')
      this.#line(`watching ${[event.video, event.audio].filter(Boolean).join(' · ')}`);
    if (event.type === 'state' && event.state.phase === 'Down' && this.#lastState !== event.state.reason) {
      this.#line(`${event.state.reason}: ${event.state.message}`);
    }
    if (event.type === 'state') this.#lastState = event.state.reason;
    if (event.type === 'seconds') this.#progress();
  }

  summary(failed: StreamState | undefined): void {
    const { defects, advisories, monitoredSeconds, blindSeconds, unknown } = this.#totals;
    const found = defects === 1 ? '1 defect' : `${defects === 0 ? 'no' : defects} defects`;
    const advised = advisories > 0 ? ` and ${advisories} advisory` : '';
    const blind = blindSeconds >= 0.05 ? `, blind for ${blindSeconds.toFixed(1)} s` : '';
    this.#line(`${found}${advised} in ${monitoredSeconds.toFixed(1)} s watched${blind}`);
    for (const [detector, reason] of unknown) this.#line(`${detector}: cannot tell (${reason})`);
    if (failed && monitoredSeconds === 0) this.#line(`could not watch: ${failed.message}`);
  }

  failure(message: string): void {
    this.#errors.write(`could not watch: ${message}\n`);
  }

  #progress(): void {
    if (!this.#errors.isTTY) return;
    const { defects, monitoredSeconds, frames } = this.#totals;
    this.#errors.write(
      `\r\x1b[K${this.#prefix}${monitoredSeconds.toFixed(0)} s, ${frames} frames, ${defects} defects …`,
    );
  }

  #line(text: string): void {
    if (this.#errors.isTTY) this.#errors.write('\r\x1b[K');
    this.#output.write(`${this.#prefix}${text}\n`);
  }
}

function describe({ detector, kind, severity, start, end, channel, confidence }: Incident): string {
  const span = `${start.toFixed(2)}–${(end ?? start).toFixed(2)} s`;
  const where = channel === undefined ? '' : ` on ${channel}`;
  return `${span}  ${severity}  ${detector} (${kind}${where}), confidence ${confidence.toFixed(2)}`;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
