import type { ExpectSettings } from '../../crds/assignment.ts';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Expectation } from '../incidents/suppression.ts';
import { type GreyPicture, hashDistance, hashOfPicture, hashWords } from './slates/picture-hash.ts';

interface Slate {
  readonly name: string;
  readonly hash: Uint32Array;
  readonly tolerance: number;
  readonly detectors: ReadonlySet<string>;
}

/** A stretch in which a slate was shown, in media seconds. */
interface Showing {
  readonly slate: Slate;
  readonly from: number;
  /** Infinite while it is shown. */
  readonly until: number;
}

/** A hash takes about a millisecond: pictures are compared so often, in seconds. */
const compareEvery = 0.2;
/** Of slates that were shown, the last ones are remembered. */
const mostShowings = 64;

/** When a picture that is known to stand still is shown. Pure. */
export class Slates {
  readonly #slates: readonly Slate[];
  #showings: readonly Showing[] = [];
  #comparedAt = Number.NEGATIVE_INFINITY;
  /** When what is shown now may have begun at the earliest. */
  #epoch = Number.NEGATIVE_INFINITY;

  /** `manifests`: of the detectors that run; those that say so themselves are covered where a slate names none. */
  constructor(settings: NonNullable<ExpectSettings['slates']>, manifests: readonly DetectorManifest[]) {
    const usual = manifests.filter(({ expectable }) => expectable?.includes('slate'));
    this.#slates = settings.map(({ name, hash, tolerance, detectors }) => ({
      ...{ name, tolerance, hash: hashWords(hash) },
      detectors: new Set(detectors ?? usual.map(({ type }) => type)),
    }));
  }

  /** A picture of the stream, at a media time. */
  frame(time: number, picture: GreyPicture): void {
    if (this.#slates.length === 0 || time - this.#comparedAt < compareEvery) return;
    // Between two comparisons a picture may have changed at once.
    const since = Math.max(this.#epoch, this.#comparedAt, time - 2 * compareEvery);
    this.#comparedAt = time;
    const { words } = hashOfPicture(picture);
    for (const slate of this.#slates) {
      const shown = this.#showings.find((showing) => showing.slate === slate && isOpen(showing));
      const matches = hashDistance(slate.hash, words) <= slate.tolerance;
      if (matches && !shown) this.#showings = [...this.#showings, open(slate, since)].slice(-mostShowings);
      if (!matches && shown) this.#close(time, shown);
    }
  }

  /** What is shown after a media time has nothing to do with what was shown before. */
  interrupt(time: number): void {
    this.#epoch = time;
    this.#comparedAt = Number.NEGATIVE_INFINITY;
    for (const showing of this.#showings.filter(isOpen)) this.#close(time, showing);
  }

  /** What was expected of a detector between two media times, the first and the last showing of them. */
  between(detector: string, from: number, to: number): Expectation | undefined {
    const met = this.#showings.filter(
      (each) => each.slate.detectors.has(detector) && each.from <= to && each.until > from,
    );
    const last = met.reduce<Showing | undefined>(
      (latest, each) => (latest && latest.until >= each.until ? latest : each),
      undefined,
    );
    if (!last) return undefined;
    const began = Math.min(...met.map((each) => each.from));
    return { reason: 'slate', slate: last.slate.name, from: began, until: last.until };
  }

  #close(time: number, closed: Showing): void {
    this.#showings = this.#showings.map((each) => (each === closed ? { ...each, until: time } : each));
  }
}

function open(slate: Slate, from: number): Showing {
  return { slate, from, until: Number.POSITIVE_INFINITY };
}

function isOpen({ until }: Showing): boolean {
  return until === Number.POSITIVE_INFINITY;
}
