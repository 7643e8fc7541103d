import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { KubeClient } from './kube-client.ts';
import { isKubeError } from './kube-error.ts';
import { heldBy, type Lease, released } from './lease.ts';
import { LeaseClaim, type Moment, thisMoment } from './lease-claim.ts';
import { LeaseObservation } from './lease-observation.ts';
import { leases } from './resource.ts';
import { within } from './within.ts';

export interface LeaseElectionOptions {
  readonly namespace: string;
  readonly name: string;
  /** Never that of two processes at a time: the name of the pod will do. It leads again at once after a restart. */
  readonly identity: string;
  /** Whole seconds for which others leave the lease alone; 30 when left out. */
  readonly leaseDuration?: number;
  /** Seconds without renewal after which the leader gives up, before others may follow; 20 when left out. */
  readonly renewDeadline?: number;
  /** Seconds from one try to the next; 5 when left out. */
  readonly retryPeriod?: number;
  readonly logger: Logger;
  readonly onAcquired: () => void;
  /** Against our will: the process had best end, as what it has under way is no longer its own. */
  readonly onLost: (reason: string) => void;
}

/** What came of one look at the lease. */
type Attempt =
  | { readonly kind: 'held'; readonly lease: Lease; readonly sentAt: Moment }
  | { readonly kind: 'foreign'; readonly holder: string | undefined };

/**
 * Lets one of several processes lead, by a Lease (coordination.k8s.io/v1). There is one leader at most as long as
 * clocks run equally fast; what they show does not matter. A call that is under way when leadership ends may still
 * arrive: what is written must name the version that it rests on.
 */
export class LeaseElection {
  readonly #client: KubeClient;
  readonly #options: Required<LeaseElectionOptions>;
  readonly #observation: LeaseObservation;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #claim: LeaseClaim | undefined;
  /** As we wrote it last; undefined where it has to be read first. */
  #lease: Lease | undefined;
  #hasHeld = false;

  /**
   * @param client one whose rate is not used up by others: a renewal must not wait behind them
   * @throws RangeError when leaseDuration > renewDeadline > retryPeriod > 0 does not hold
   */
  constructor(client: KubeClient, options: LeaseElectionOptions) {
    this.#client = client;
    this.#options = { leaseDuration: 30, renewDeadline: 20, retryPeriod: 5, ...options };
    verifyTimes(this.#options);
    this.#observation = new LeaseObservation(this.#options.leaseDuration);
  }

  /** To be asked before each write, as it can end at any time. Once it is false again it stays so. */
  get isLeader(): boolean {
    return (this.#claim?.remaining ?? 0) > 0;
  }

  /** Who leads, as far as is known. */
  get holder(): string | undefined {
    return this.isLeader ? this.#options.identity : this.#observation.holder;
  }

  /**
   * Waits to lead, then leads. Resolves when leadership was lost or `stop` was called; to be called once. Failures of
   * the API server are logged and tried again.
   */
  run(): Promise<void> {
    this.#running ??= this.#serve();
    return this.#running;
  }

  /**
   * Ends the election; not a loss. Leadership ends with the call: to be made when the last write is done.
   * @param release whether another may follow at once; a failure to say so is logged alone
   */
  async stop({ release }: { readonly release: boolean }): Promise<void> {
    this.#claim = undefined;
    this.#stopping.abort();
    await this.#running;
    if (release && this.#hasHeld) await this.#release();
  }

  async #serve(): Promise<void> {
    await this.#acquire();
    if (this.#stopping.signal.aborted) return;
    this.#log('info', 'leads');
    this.#options.onAcquired();
    const reason = await this.#hold();
    if (reason === undefined) return;
    this.#claim = undefined;
    this.#log('error', 'leads no longer', { reason });
    this.#options.onLost(reason);
  }

  async #acquire(): Promise<void> {
    const { identity, renewDeadline, retryPeriod } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const attempt = await this.#attempt(this.#patience);
      if (attempt?.kind === 'held' && !this.#stopping.signal.aborted) {
        this.#lease = attempt.lease;
        this.#hasHeld = true;
        this.#observation.observe(attempt.lease, performance.now());
        this.#claim = new LeaseClaim(renewDeadline, attempt.sentAt);
        if (this.isLeader) return;
        this.#log('warn', 'the lease was written too slowly to be relied on', { identity });
      }
      await this.#pause(retryPeriod * 1000 * (0.8 + 0.4 * Math.random()));
    }
  }

  /** @returns why leadership was lost; undefined when stopped */
  async #hold(): Promise<string | undefined> {
    const { renewDeadline, retryPeriod } = this.#options;
    const overdue = `the lease was not renewed within ${renewDeadline} s`;
    const claim = this.#claim!;
    while (!this.#stopping.signal.aborted) {
      await this.#pause(Math.min(retryPeriod * 1000, claim.remaining));
      if (this.#stopping.signal.aborted) break;
      if (claim.remaining <= 0) return overdue;
      const attempt = await this.#attempt(Math.min(this.#patience, claim.remaining));
      if (attempt?.kind === 'foreign') return `the lease is held by ${attempt.holder}`;
      if (attempt?.kind !== 'held') continue;
      // One that was answered too late renews nothing: others were told already that we do not lead.
      if (!claim.renew(attempt.sentAt)) return overdue;
      this.#lease = attempt.lease;
    }
    return undefined;
  }

  /** How long one attempt may take: so that there is time for another before the deadline. */
  get #patience(): number {
    return (this.#options.renewDeadline * 1000) / 2;
  }

  /**
   * What comes of an attempt after its time is of no account.
   * @returns undefined when it failed
   */
  async #attempt(limit: number): Promise<Attempt | undefined> {
    const { signal } = this.#stopping;
    try {
      return await within(limit, signal, this.#tryToHold());
    } catch (error) {
      // Somebody else wrote, or it is gone: it has to be read anew, and so after any other failure.
      this.#lease = undefined;
      if (!signal.aborted) this.#log('warn', 'cannot hold the lease: trying again', { reason: `${error}` });
      return undefined;
    }
  }

  async #tryToHold(): Promise<Attempt> {
    try {
      return await this.#look(this.#lease);
    } catch (error) {
      if (!isOutrun(error)) throw error;
      return await this.#look(undefined);
    }
  }

  /** @param known the lease, where it need not be read */
  async #look(known: Lease | undefined): Promise<Attempt> {
    const { namespace, name, identity, leaseDuration } = this.#options;
    const lease = known ?? (await this.#read());
    if (!this.#mayHold(lease)) return { kind: 'foreign', holder: this.#observation.holder };
    const sentAt = thisMoment();
    const held = heldBy(lease ?? { metadata: { namespace, name } }, identity, leaseDuration, new Date());
    const stored = await (lease ? this.#client.replace(leases, held) : this.#client.create(leases, held));
    return { kind: 'held', lease: stored, sentAt };
  }

  async #read(): Promise<Lease | undefined> {
    const { namespace, name, logger } = this.#options;
    try {
      const before = this.#observation.holder;
      const lease = await this.#client.get<Lease>(leases, name, namespace);
      this.#observation.observe(lease, performance.now());
      const { holder } = this.#observation;
      if (holder !== before) logger.info({ lease: `${namespace}/${name}`, holder }, 'who leads');
      return lease;
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #mayHold(lease: Lease | undefined): boolean {
    const holder = lease?.spec?.holderIdentity || undefined;
    if (holder === this.#options.identity) return true;
    // Who leads goes on when the lease is gone or names nobody, and gives way to another in any case.
    if (this.#claim) return holder === undefined;
    return this.#observation.isFree(performance.now());
  }

  async #release(): Promise<void> {
    const unending = new AbortController().signal;
    try {
      await within(this.#patience, unending, this.#giveBack());
    } catch (error) {
      this.#log('warn', 'cannot release the lease: it ends by itself', { reason: `${error}` });
    }
  }

  async #giveBack(): Promise<void> {
    for (;;) {
      const lease = await this.#read();
      if (lease?.spec?.holderIdentity !== this.#options.identity) return;
      try {
        await this.#client.replace(leases, released(lease));
        return this.#log('info', 'released the lease');
      } catch (error) {
        // A renewal of ours was still under way.
        if (!isOutrun(error)) throw error;
      }
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(Math.max(0, milliseconds), undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  #log(level: 'info' | 'warn' | 'error', message: string, facts: object = {}): void {
    const { namespace, name, identity, logger } = this.#options;
    logger[level]({ lease: `${namespace}/${name}`, identity, ...facts }, message);
  }
}

/** The lease is not as it was when it was read. */
function isOutrun(error: unknown): boolean {
  return (
    isKubeError(error, 'Conflict') || isKubeError(error, 'AlreadyExists') || isKubeError(error, 'NotFound')
  );
}

function verifyTimes({ leaseDuration, renewDeadline, retryPeriod }: Required<LeaseElectionOptions>): void {
  if (!Number.isInteger(leaseDuration)) {
    throw new RangeError(`leaseDuration is ${leaseDuration}: set it to whole seconds`);
  }
  if (!(leaseDuration > renewDeadline)) {
    throw new RangeError(
      `leaseDuration is ${leaseDuration}: set it above renewDeadline, which is ${renewDeadline}`,
    );
  }
  if (!(renewDeadline > retryPeriod && retryPeriod > 0)) {
    throw new RangeError(
      `retryPeriod is ${retryPeriod}: set it above 0 and below renewDeadline, which is ${renewDeadline}`,
    );
  }
}
