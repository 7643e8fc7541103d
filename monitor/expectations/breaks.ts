import type { ExpectSettings } from '../../crds/assignment.ts';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Expectation } from '../incidents/suppression.ts';
import type { BreakNews } from '../ingress/breaks/break-cue.ts';

type BreakSettings = NonNullable<ExpectSettings['breaks']>;

/** A break on the stream's timeline, in media seconds. */
interface Break {
  readonly event: string;
  readonly from: number;
  readonly until: number;
  /** Its end is told, and not only reckoned. */
  readonly ended: boolean;
}

/** For so long after its end a break is remembered, in seconds: no defect that opens now began before. */
const remembered = 3600;
/** An announcer of more breaks at a time is broken. */
const mostBreaks = 256;

/**
 * When a stream is expected to look like anything, by its own announcements. A break ends when that is announced, after
 * the announced duration, or after the longest that the settings allow: whichever comes first. Pure.
 */
export class Breaks {
  readonly #settings: BreakSettings;
  readonly #detectors: ReadonlySet<string>;
  #breaks: readonly Break[] = [];

  /** `manifests`: of the detectors that run; those that say so themselves are covered where the settings name none. */
  constructor(settings: BreakSettings, manifests: readonly DetectorManifest[]) {
    this.#settings = settings;
    const usual = manifests.filter(({ expectable }) => expectable?.includes('break'));
    this.#detectors = new Set(settings.detectors ?? usual.map(({ type }) => type));
  }

  /** News that was read when the stream was at `now`, of something at `time`; both in media seconds. */
  announce(news: BreakNews, time: number, now: number): void {
    switch (news.cue) {
      case 'out':
        this.#begin(news, time);
        break;
      case 'under-way':
        if (!this.#breaks.some((known) => isOf(known, originOf(news.event)) && covers(known, now)))
          this.#begin(news, time);
        break;
      case 'in':
        this.#breaks = this.#breaks.map((known) =>
          isOf(known, news.event) && known.from <= time && !(known.ended && known.until <= time)
            ? { ...known, until: Math.min(time, this.#latest(known)), ended: true }
            : known,
        );
        break;
      case 'cancel':
        this.#breaks = this.#breaks.filter((known) => !isOf(known, news.event));
    }
    this.#breaks = this.#breaks.filter(({ until }) => until > now - remembered).slice(-mostBreaks);
  }

  /** What was expected of a detector between two media times, the first and the last break of them. */
  between(detector: string, from: number, to: number): Expectation | undefined {
    if (!this.#detectors.has(detector)) return undefined;
    const { margin } = this.#settings;
    const met = this.#breaks.filter((each) => each.from - margin <= to && each.until + margin > from);
    if (met.length === 0) return undefined;
    return {
      reason: 'break',
      from: Math.min(...met.map((each) => each.from)) - margin,
      until: Math.max(...met.map((each) => each.until)) + margin,
    };
  }

  #begin({ event, duration }: { readonly event: string; readonly duration?: number }, time: number): void {
    const { maxDuration } = this.#settings;
    const lasts = Math.min(duration ?? maxDuration, maxDuration);
    const known = this.#breaks.findLast((each) => each.event === event);
    // Encoders that count no events give every break the same number.
    const again = known !== undefined && time <= known.until;
    if (again && known.ended) return;
    const from = again ? known.from : time;
    const others = again ? this.#breaks.filter((each) => each !== known) : this.#breaks;
    this.#breaks = [...others, { event, from, until: from + lasts, ended: false }];
  }

  #latest({ from }: Break): number {
    return from + this.#settings.maxDuration;
  }
}

function covers({ from, until }: Break, time: number): boolean {
  return from <= time && time <= until;
}

/** Whether a break is that of an event, or of the origin that `event` names. */
function isOf(known: Break, event: string): boolean {
  return known.event === event || known.event.startsWith(`${event}/`);
}

function originOf(event: string): string {
  return event.slice(0, event.indexOf('/'));
}
