import { ptsDifference } from '../ts-time.ts';

/** Target durations that a server may take from one version of a playlist to the next (RFC 8216 §6.2.2). */
const updateLimit = 1.5;
/** Playlists are loaded each at its own time, up to a target duration apart. */
const loadsApart = 1;

/**
 * Compares how far the playlists of picture and sound reach. Both are on one time base, whatever their segments'
 * numbers (RFC 8216 §6.2.4).
 */
export class LiveEdges {
  readonly #edges = new Map<object, { readonly time: number; readonly at: number }>();

  /**
   * A track's playlist reaches to `time`, as loaded at `now`, both in seconds; by how many target durations it lies
   * behind another track, where that is more than the updates of both explain.
   */
  reached(track: object, time: number, now: number, targetDuration: number): number | undefined {
    this.#edges.set(track, { time, at: now });
    for (const [other, edge] of this.#edges) {
      if (other === track || now - edge.at > updateLimit * targetDuration) continue;
      const behind = ptsDifference(edge.time, time) / targetDuration;
      if (behind > updateLimit + loadsApart) return behind;
    }
    return undefined;
  }
}
