import type { ExpectSettings } from '../../crds/assignment.ts';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Expectation } from '../incidents/suppression.ts';
import type { BreakNews } from '../ingress/breaks/break-cue.ts';
import { Breaks } from './breaks.ts';
import { Schedule, type WallRelation } from './schedule.ts';
import type { GreyPicture } from './slates/picture-hash.ts';
import { Slates } from './slates.ts';

/** All that is expected of one stream: by the clock, by its own announcements, by what it shows. Pure. */
export class Expectations {
  readonly #schedule: Schedule;
  readonly #breaks: Breaks | undefined;
  readonly #slates: Slates;

  /** `manifests`: of the detectors that run. */
  constructor(
    settings: ExpectSettings | undefined,
    manifests: readonly DetectorManifest[],
    relation: WallRelation,
  ) {
    this.#schedule = new Schedule(settings?.static ?? [], manifests, relation);
    this.#breaks = settings?.breaks && new Breaks(settings.breaks, manifests);
    this.#slates = new Slates(settings?.slates ?? [], manifests);
  }

  /** News that was read when the stream was at `now`, of something at `time`; both in media seconds. */
  announce(news: BreakNews, time: number, now: number): void {
    this.#breaks?.announce(news, time, now);
  }

  /** A picture of the stream, before it is judged. */
  frame(time: number, picture: GreyPicture): void {
    this.#slates.frame(time, picture);
  }

  /** An epoch begins: what was shown before may have ended at any time since. */
  interrupt(time: number): void {
    this.#slates.interrupt(time);
  }

  /** What was expected of a detector between two media times, from the first interval to the end of the last. */
  between(detector: string, from: number, to: number): Expectation | undefined {
    const met = [this.#schedule, this.#breaks, this.#slates].flatMap(
      (source) => source?.between(detector, from, to) ?? [],
    );
    const [first, ...others] = met;
    if (!first) return undefined;
    const last = others.reduce((latest, each) => (each.until > latest.until ? each : latest), first);
    return { ...last, from: Math.min(...met.map((each) => each.from)) };
  }
}
