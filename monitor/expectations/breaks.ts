import type { ExpectSettings } from '../../crds/assignment.ts';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Expectation } from '../incidents/suppression.ts';
import type { BreakNews } from '../ingress/breaks/break-cue.ts';

type BreakSettings = NonNullable<ExpectSettings['breaks']>;

type Lasting = Extract<BreakNews, { cue: 'out' | 'under-way' }>;

/** A break on the stream's timeline, in media seconds. */
interface Break {
  readonly event: string;
  readonly from: number;
  readonly until: number;
  /** Its end is told, and not only reckoned. */
  readonly ended: boolean;
  /** When it was announced last. */
  readonly told: number;
}

/** For so long after its end a break is remembered, in seconds: no defect that opens now began before. */
const remembered = 3600;
/** What is said to be under way is said again with each segment, whose pauses are no longer than this, in seconds. */
const longestPause = 60;
/** One that repeats "at once" without end still speaks of one break; encoders do so every few seconds. */
const longestRepeat = 10;
/** An announcer of more breaks at a time is broken. */
const mostBreaks = 256;

/**
 * When a stream is expected to look like anything, by its own announcements. A break ends when that is announced, or
 * after the announced duration where no later announcement says that it goes on, and in any case after the longest that
 * the settings allow. Pure.
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
        this.#begin(news, time, now);
        break;
      case 'under-way':
        this.#goOn(news, time, now);
        break;
      case 'in':
        this.#breaks = this.#breaks.map((known) =>
          isOf(known, news.event) && known.from <= time ? this.#ended(known, time, now) : known,
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

  /** A break that goes on beyond its announced duration ends when that is announced, and so did it begin but once. */
  #goOn(news: Lasting, time: number, now: number): void {
    const known = this.#breaks.findLast(
      (each) => isOf(each, originOf(news.event)) && !each.ended && each.from <= now,
    );
    if (!known || (now >= known.until && now - known.told > longestPause)) this.#begin(news, time, now);
    else this.#replace(known, { until: now < known.until ? known.until : this.#latest(known), told: now });
  }

  #begin({ event, duration }: Lasting, time: number, now: number): void {
    const { maxDuration } = this.#settings;
    const lasts = Math.min(duration ?? maxDuration, maxDuration);
    const known = this.#breaks.findLast((each) => each.event === event);
    // Encoders that count no events give every break the same number.
    const repeats = known && !known.ended && now - known.told <= longestRepeat;
    const again = known !== undefined && (time <= known.until || repeats === true);
    if (again && known.ended) return;
    if (again) this.#replace(known, { until: known.from + lasts, told: now });
    else
      this.#breaks = [...this.#breaks, { event, from: time, until: time + lasts, ended: false, told: now }];
  }

  /** Its end, told at `now`, is at `time`; one that was over by then lasts no longer for that. */
  #ended(known: Break, time: number, now: number): Break {
    const goesOn = !known.ended && now < known.until;
    return { ...known, until: Math.min(time, goesOn ? this.#latest(known) : known.until), ended: true };
  }

  #replace(known: Break, change: Pick<Break, 'until' | 'told'>): void {
    this.#breaks = this.#breaks.map((each) => (each === known ? { ...each, ...change } : each));
  }

  #latest({ from }: Break): number {
    return from + this.#settings.maxDuration;
  }
}

/** Whether a break is that of an event, or of the origin that `event` names. */
function isOf(known: Break, event: string): boolean {
  return known.event === event || known.event.startsWith(`${event}/`);
}

function originOf(event: string): string {
  return event.slice(0, event.indexOf('/'));
}
