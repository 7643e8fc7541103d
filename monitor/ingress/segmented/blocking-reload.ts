import { IngressError } from '../ingress.ts';
import type { MediaPlaylist, PlaylistPosition, Rendition } from './media-playlist.ts';
import { newsDue } from './playlist-position.ts';

/** Answers in a row without what was asked for, after which a server is taken for one that does not hold requests. */
const mostIgnored = 3;

/** A server may hold a request for three target durations; longer than this, in seconds, the connection itself may be dead. */
const mostPatience = 8;

/**
 * Reloads that the server answers once it has what is asked for (RFC 8216bis §6.2.5.2). After each that failed or was
 * answered otherwise comes one without the asking, in the usual time: a server that does it wrong is never asked in
 * a loop, and the playlist is judged by plain loads alone.
 */
export class BlockingReload {
  readonly #onRemark: (message: string) => void;
  #ignored = 0;
  #plainNext = false;
  /** Last segment of the playlist that had nothing new in time: it is polled until it has. */
  #waitedFor: number | undefined;

  constructor(onRemark: (message: string) => void) {
    this.#onRemark = onRemark;
  }

  /** Whether the next load is one of these; to be asked once before each. */
  asks(playlist: MediaPlaylist, wanted: PlaylistPosition): boolean {
    const last = playlist.segments.at(-1)?.sequence;
    if (!playlist.blocks || last === undefined || last === this.#waitedFor) return false;
    // Asked for what is there already, a server answers at once.
    if (this.#ignored >= mostIgnored || reaches(playlist, wanted)) return false;
    const plain = this.#plainNext;
    this.#plainNext = false;
    return !plain;
  }

  /** The playlist with what is asked for, or later; `undefined` where the answer is of no use. */
  async load(
    rendition: Rendition,
    before: MediaPlaylist,
    wanted: PlaylistPosition,
    signal: AbortSignal,
  ): Promise<MediaPlaylist | undefined> {
    // By the time that it is stale a plain load is to tell so.
    const patience = AbortSignal.timeout(Math.ceil(Math.min(newsDue(before), mostPatience) * 1000));
    this.#plainNext = true;
    let playlist: MediaPlaylist;
    try {
      playlist = await rendition.load(AbortSignal.any([signal, patience]), wanted);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (patience.aborted) this.#waitedFor = before.segments.at(-1)?.sequence;
      else if (error instanceof IngressError) this.#count(error.message);
      else throw error;
      return undefined;
    }
    if (!reaches(playlist, wanted)) {
      this.#count('it was answered before there was anything new');
      return undefined;
    }
    this.#ignored = 0;
    this.#plainNext = false;
    return playlist;
  }

  #count(what: string): void {
    this.#ignored++;
    if (this.#ignored === mostIgnored)
      this.#onRemark(`the server does not hold requests for the playlist as it says (${what}): it is polled`);
  }
}

function reaches({ segments, open, ended }: MediaPlaylist, { sequence, part }: PlaylistPosition): boolean {
  const last = segments.at(-1)?.sequence;
  if (ended || (last !== undefined && last >= sequence)) return true;
  return part !== undefined && open?.sequence === sequence && open.parts.length > part;
}
