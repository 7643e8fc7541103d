import { setTimeout as delay } from 'node:timers/promises';
import { IngressError } from '../ingress.ts';
import { BlockingReload } from './blocking-reload.ts';
import type { MediaPlaylist, PlaylistPosition, Rendition } from './media-playlist.ts';
import { reloadDelay, staleAfter } from './playlist-position.ts';
import { PlaylistWatch } from './playlist-watch.ts';
import type { TrackReports } from './track-reports.ts';

/** Seconds between loads in parts' time at least, whatever a playlist says. */
const shortestPart = 0.05;
/** Loads in a row that may be refused or not found; other failures may pass until the playlist is stale. */
const mostRefusals = 3;
/** A load may take so many seconds: what is told at each load lasts until the next. */
const loadSlack = 1;
/** Signatures expire and do not come back: the original URL leads to new ones. One refusal may be a mishap. */
export const mostUnauthorized = 2;

/** The playlist of one track: loaded again as it grows, and watched for what it does wrong. */
export class FollowedPlaylist {
  readonly #rendition: Rendition;
  readonly #reports: TrackReports;
  readonly #onRemark: (message: string) => void;
  readonly #watch: PlaylistWatch;
  readonly #blocking: BlockingReload;
  #current: MediaPlaylist;
  #loadedAt: number;
  #changedAt: number;
  #changed = true;
  #refusals = 0;
  #loadFailure: IngressError | undefined;
  #failure: IngressError | undefined;

  constructor(
    rendition: Rendition,
    first: MediaPlaylist,
    reports: TrackReports,
    onRemark: (message: string) => void,
  ) {
    this.#rendition = rendition;
    this.#reports = reports;
    this.#onRemark = onRemark;
    this.#blocking = new BlockingReload(onRemark);
    this.#current = first;
    this.#loadedAt = performance.now();
    this.#changedAt = this.#loadedAt;
    this.#watch = new PlaylistWatch(first, this.#loadedAt / 1000);
  }

  /** As it was loaded last. */
  get current(): MediaPlaylist {
    return this.#current;
  }

  /** In seconds of the process's clock. */
  get loadedAt(): number {
    return this.#loadedAt / 1000;
  }

  /** What was thrown: it goes on failing. */
  get failure(): IngressError | undefined {
    return this.#failure;
  }

  /**
   * Loads it again when it is time, or as soon as it has `wanted` where the server tells.
   * @param often in parts' time rather than in segments'
   * @throws IngressError when it is stale, or cannot be loaded any more
   */
  async next(wanted: PlaylistPosition, often: boolean, signal: AbortSignal): Promise<void> {
    try {
      this.#refuseStale();
      if (this.#blocking.asks(this.#current, wanted)) await this.#loadWhenNew(wanted, signal);
      else await this.#loadWhenDue(often ? this.#current.partTarget : undefined, signal);
    } catch (error) {
      if (error instanceof IngressError) this.#failure = error;
      throw error;
    }
  }

  #refuseStale(): void {
    const { segments, targetDuration } = this.#current;
    const unchanged = (performance.now() - this.#changedAt) / 1000;
    if (unchanged < staleAfter(this.#current)) return;
    if (this.#loadFailure) throw this.#loadFailure;
    if (segments.length === 0) throw new IngressError('EmptyPlaylist', 'the playlist lists no segment');
    this.#reports.fault('stale', { value: unchanged / targetDuration, duration: Number.POSITIVE_INFINITY });
    throw new IngressError('StalePlaylist', `the playlist has not changed for ${Math.round(unchanged)} s`);
  }

  /** What goes wrong here may be the asking: a load without it says how the playlist itself is. */
  async #loadWhenNew(wanted: PlaylistPosition, signal: AbortSignal): Promise<void> {
    const playlist = await this.#blocking.load(this.#rendition, this.#current, wanted, signal);
    if (!playlist || signal.aborted) return;
    this.#loadedAt = performance.now();
    this.#take(playlist);
  }

  async #loadWhenDue(every: number | undefined, signal: AbortSignal): Promise<void> {
    const wait =
      every === undefined ? reloadDelay(this.#current, this.#changed) : Math.max(shortestPart, every);
    const due = this.#loadedAt + wait * 1000;
    await delay(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    this.#loadedAt = performance.now();
    try {
      this.#take(await this.#rendition.load(signal));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof IngressError)) throw error;
      this.#failed(error);
    }
  }

  #take(playlist: MediaPlaylist): void {
    this.#changed = playlist.ended || lastSequence(playlist) !== lastSequence(this.#current);
    if (this.#changed) this.#changedAt = performance.now();
    this.#current = playlist;
    this.#refusals = 0;
    this.#loadFailure = undefined;
    for (const { fault, value } of this.#watch.loaded(playlist, performance.now() / 1000))
      this.#reports.fault(fault, { duration: this.#untilNextLoad, ...(value !== undefined && { value }) });
  }

  #failed(error: IngressError): void {
    this.#changed = false;
    this.#loadFailure = error;
    this.#refusals++;
    const unreadable = error.reason === 'NotMedia' || error.reason === 'EmptyPlaylist';
    this.#reports.fault(unreadable ? 'unreadable' : 'unavailable', { duration: this.#untilNextLoad });
    const passing = error.reason === 'Unreachable' || error.reason === 'UpstreamError';
    const most = error.reason === 'Unauthorized' ? mostUnauthorized : mostRefusals;
    if (!passing && this.#refusals >= most) throw error;
    this.#onRemark(`the playlist could not be loaded again: ${error.message}`);
  }

  get #untilNextLoad(): number {
    return reloadDelay(this.#current, this.#changed) + loadSlack;
  }
}

function lastSequence({ segments }: MediaPlaylist): number | undefined {
  return segments.at(-1)?.sequence;
}
