/**
 * State transitions a second of Standard workflows, per account and region: the default in us-east-1, us-west-2 and
 * eu-west-1; elsewhere it is 800 (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, "Quotas
 * related to state throttling").
 */
export const stateTransitionsPerSecond = 5000;

/**
 * Concurrent executions of Lambda per account and region, by default
 * (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, "Compute and storage").
 */
export const lambdaConcurrency = 1000;

/** Streams at which each limit stops a design; those that it does not have are absent. */
export interface StreamLimits {
  readonly stateTransitions?: number;
  readonly lambdaConcurrency?: number;
  /** Cores of this machine, all of it taken. */
  readonly machine: number;
}

/** What a second of one stream takes of what is limited. */
export interface StreamDemands {
  readonly transitions: number;
  /** ms of CPU in functions: an execution counts as long as it computes, and waits for nothing. */
  readonly functionMilliseconds: number;
  /** ms of CPU altogether. */
  readonly totalMilliseconds: number;
}

/** Of the distributed design, at the kindest: functions of one vCPU that never wait. */
export function distributedLimits(demands: StreamDemands, cores: number): StreamLimits {
  return {
    stateTransitions: Math.floor(stateTransitionsPerSecond / demands.transitions),
    lambdaConcurrency: Math.floor((1000 * lambdaConcurrency) / demands.functionMilliseconds),
    machine: streamsOfMachine(demands.totalMilliseconds, cores),
  };
}

/** Streams that so many cores hold. */
export function streamsOfMachine(milliseconds: number, cores: number): number {
  return Math.floor((1000 * cores) / milliseconds);
}
