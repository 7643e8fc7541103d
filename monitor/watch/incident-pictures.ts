import type { Incident } from '../../crds/incident.ts';
import type { Frame } from '../converter/frame-store.ts';
import { FrameKeeper } from '../evidence/frame-keeper.ts';
import type { LumaPlane } from '../kernels/luma-plane.ts';
import type { ScoreCurves } from './score-curves.ts';
import type { IncidentEvidence } from './watch-event.ts';

/** Puts together what goes with an incident: the last good frame, the worst one, and the scores. */
export class IncidentPictures {
  readonly #frames = new FrameKeeper();
  readonly #curves: ScoreCurves;
  /** While it is judged. */
  #judged: Frame | undefined;

  constructor(curves: ScoreCurves) {
    this.#curves = curves;
  }

  /** A frame is about to be judged. */
  judging(frame: Frame): void {
    this.#judged = frame;
  }

  /** It was judged, and is remembered as it was at `time`. */
  judged(frame: Frame, time: number): void {
    this.#frames.remember(time, planeOf(frame));
  }

  /** Nothing that is judged from now on is about it. */
  forget(): void {
    this.#judged = undefined;
  }

  of(incident: Incident): IncidentEvidence {
    // Before one that outlasts what was expected, nothing good was seen: its beginning has the picture of that.
    const lastGood =
      incident.outlasts === undefined ? this.#frames.lastGoodBefore(incident.start) : undefined;
    const plane = this.#judged && planeOf(this.#judged);
    const worst = plane && {
      ...{ width: plane.width, height: plane.height, channels: 1 as const },
      data: plane.data.slice(),
    };
    return {
      scores: this.#curves.of(incident.detector, incident.kind),
      ...(lastGood && { lastGood }),
      ...(worst && { worst }),
    };
  }
}

/** The worst picture of each revision has a file of its own, so that a copy never changes under its name. */
export function pictureName({ id, revision }: Incident): string {
  return `${id}-${revision}.jpg`;
}

function planeOf({ native, reduced }: Frame): LumaPlane {
  return native?.current ?? reduced;
}
