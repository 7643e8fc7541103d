/** What of a watch tells whether it is stuck. */
export interface WatchHealth {
  readonly isSynced: boolean;
  /** Seconds since the API server was last heard. */
  readonly lastEventAge: number;
}

/** What counts as stuck, in seconds. */
export interface HealthLimits {
  /** Silence of a watch; it opens itself anew after 90 s, so that a much longer one is a fault. 600 when left out. */
  readonly silence?: number;
  /** Time in which nothing ran; a leader would have lost its lease in 20, the value when left out. */
  readonly pause?: number;
}

/** How long a pause counts, in ms: longer than the kubelet takes to ask thrice. */
const memory = 60_000;
/** Between two signs of life, in ms. */
const beat = 1_000;

/** Notices when the process is alive and does nothing. */
export class OperatorHealth {
  readonly #watches: () => Readonly<Record<string, WatchHealth>>;
  readonly #limits: Required<HealthLimits>;
  readonly #heart: NodeJS.Timeout;
  #beatAt = performance.now();
  #longest = { pause: 0, at: 0 };

  /** @param watches by resource */
  constructor(watches: () => Readonly<Record<string, WatchHealth>>, limits: HealthLimits = {}) {
    this.#watches = watches;
    this.#limits = { silence: 600, pause: 20, ...limits };
    this.#heart = setInterval(() => this.#beat(), beat).unref();
  }

  /** Why the process should be started anew; `undefined` when it is sound. */
  unhealthy(): string | undefined {
    this.#beat();
    if (this.#longest.pause > this.#limits.pause) return 'nothing ran for too long within the last minute';
    const watches = Object.entries(this.#watches()).filter(([, { isSynced }]) => isSynced);
    const stuck = watches.filter(([, { lastEventAge }]) => lastEventAge > this.#limits.silence);
    // When none hears anything, the API server is away, and to start anew would only add to its load.
    if (stuck.length === 0 || stuck.length === watches.length) return undefined;
    return `watches are stuck: ${stuck.map(([resource]) => resource).join(', ')}`;
  }

  /** Which resources have not been listed yet; `undefined` when all have. */
  notReady(): string | undefined {
    const missing = Object.entries(this.#watches()).filter(([, { isSynced }]) => !isSynced);
    if (missing.length === 0) return undefined;
    return `not listed yet: ${missing.map(([resource]) => resource).join(', ')}`;
  }

  stop(): void {
    clearInterval(this.#heart);
  }

  #beat(): void {
    const now = performance.now();
    const pause = (now - this.#beatAt) / 1000;
    this.#beatAt = now;
    if (pause >= this.#longest.pause || now - this.#longest.at > memory) this.#longest = { pause, at: now };
  }
}
