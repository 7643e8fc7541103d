import type { PlannedUse } from './planned-use.ts';
import type { Prices } from './prices.ts';

/** What one pod asks for: vCPU, and memory in GB as clouds count it (2³⁰ bytes). */
export interface PodSize {
  readonly vcpu: number;
  readonly gb: number;
}

/** An hour in which all streams of a plan are watched, in money. */
export interface MonitorCost {
  readonly pods: number;
  readonly vcpu: number;
  /** Memory that is billed, in GB. */
  readonly gb: number;
  readonly resultPuts: number;
  readonly compute: number;
  /** The cluster itself. */
  readonly cluster: number;
  readonly s3: number;
  readonly total: number;
}

/** Price of one pod for an hour, used or not. */
export function podHour(pod: PodSize, { compute }: Prices): number {
  return pod.vcpu * compute.vcpuHour.amount + billedGb(pod, compute) * compute.gbHour.amount;
}

/** Memory that a pod is billed for, in GB. */
export function billedGb({ vcpu, gb }: PodSize, { leastGbPerVcpu }: Prices['compute']): number {
  return Math.max(gb, vcpu * leastGbPerVcpu.amount);
}

/** The cluster is paid for, whole pods, full or not, and each object of results. */
export function monitorCost(
  { shards, resultPuts }: Pick<PlannedUse, 'shards' | 'resultPuts'>,
  pod: PodSize,
  prices: Prices,
): MonitorCost {
  const compute = shards * podHour(pod, prices);
  const s3 = (resultPuts / 1000) * prices.s3.putPerThousand.amount;
  const cluster = prices.compute.clusterHour.amount;
  return {
    pods: shards,
    vcpu: shards * pod.vcpu,
    gb: shards * billedGb(pod, prices.compute),
    resultPuts,
    compute,
    cluster,
    s3,
    total: compute + cluster + s3,
  };
}
