import type { Judgement } from '../contract.ts';

/** Faults of one kind closer together than this are one; what goes on is told at least once a second. */
const joins = 1.5;

/** A stretch of media time with a fault of one kind. */
export interface FaultSpan {
  readonly kind: string;
  readonly from: number;
  readonly until: number;
}

/** A span, and until when it was judged present. */
interface Told {
  from: number;
  until: number;
  told?: number;
}

/**
 * Turns faults, which evidence may tell long before the media that they are about is shown, into judgements in the
 * order of time: present from where they begin for as long as they go on, over where they end.
 */
export class FaultSpans {
  /** By kind, in order of time, not overlapping. */
  readonly #spans = new Map<string, Told[]>();

  add({ kind, from, until }: FaultSpan): void {
    const spans = this.#spans.get(kind) ?? [];
    this.#spans.set(kind, spans);
    const joined = spans.find((span) => from <= span.until + joins && until >= span.from - joins);
    if (joined) {
      joined.until = Math.max(joined.until, until);
      if (joined.told === undefined) joined.from = Math.min(joined.from, from);
    } else {
      spans.push({ from, until });
      spans.sort((a, b) => a.from - b.from);
    }
  }

  /** What there is to say once media time has come to `now`. */
  at(now: number): Judgement[] {
    if (this.#spans.size === 0) return [];
    const judgements: Judgement[] = [];
    for (const [kind, spans] of this.#spans) {
      for (let span = spans[0]; span && span.from <= now; span = spans[0]) {
        const seen = Math.min(now, span.until);
        if (span.told === undefined || seen > span.told) {
          judgements.push({ time: seen, since: span.from, kind, score: 1 });
        }
        span.told = seen;
        if (now <= span.until + joins) break;
        judgements.push({ time: now, since: span.until, kind, score: 0 });
        spans.shift();
      }
      if (spans.length === 0) this.#spans.delete(kind);
    }
    return judgements;
  }

  /** The epoch or the stream is over at `now`: what is known to have begun by then, and that it is over. */
  end(now: number): Judgement[] {
    const judgements = this.at(now);
    for (const [kind, [span]] of this.#spans) {
      if (span?.told !== undefined)
        judgements.push({ time: now, since: Math.min(now, span.until), kind, score: 0 });
    }
    this.#spans.clear();
    return judgements;
  }
}
