import type { Severity } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import type { SuppressionReason } from '../../crds/suppression.ts';
import { DefectClock, type DefectSeconds } from './defect-clock.ts';
import { worse } from './severity.ts';
import { SuppressedClock, type SuppressedSeconds } from './suppressed-clock.ts';
import type { Expects } from './suppression.ts';

/** Accounts for the media seconds of incidents: as those of defects, or of defects that were expected. */
export class DefectAccount {
  readonly #defects = new DefectClock();
  readonly #suppressed = new SuppressedClock();
  readonly #expects: Expects;

  constructor(expects: Expects) {
    this.#expects = expects;
  }

  /** Time went on while the defects of these incidents were there. */
  advance(time: number, present: readonly Incident[]): void {
    const severities = new Map<string, Severity>();
    const reasons = new Set<SuppressionReason>();
    for (const { detector, severity, suppressed } of present) {
      if (suppressed === undefined) {
        severities.set(detector, worse(severities.get(detector) ?? 'info', severity));
      } else if (this.#expects(detector, time, time)) {
        // One that lasts longer is not expected any more, and no defect before it has lasted long enough.
        reasons.add(suppressed);
      }
    }
    this.#defects.advance(time, severities);
    this.#suppressed.advance(time, reasons);
  }

  /** An incident's defect, found out at `now`, is there since `start`. */
  backdate({ detector, severity, suppressed }: Incident, start: number, now: number): void {
    if (suppressed === undefined) this.#defects.backdate(detector, severity, start, now);
    else this.#suppressed.backdate(suppressed, start, now);
  }

  /** Since the last call, per detector at its worst severity. */
  takeDefectSeconds(): DefectSeconds[] {
    return this.#defects.take();
  }

  /** Since the last call, by reason. */
  takeSuppressedSeconds(): SuppressedSeconds {
    return this.#suppressed.take();
  }
}
