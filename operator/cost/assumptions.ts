import { resultObjects } from '../../crds/result-record.ts';
import type { CostFacts } from './cost-report.ts';

/** All that the figures rest on, a sentence each. */
export function assumptionsOf({ prices, measurement, cpuFrom, pod, policy, profile }: CostFacts): string[] {
  const { compute, lambda, quotas, reserved } = prices;
  const { machine, date, command } = measurement;
  const noted = (note: string | undefined) => (note === undefined ? '' : ` (${note})`);
  return [
    `Prices: ${prices.region}, ${prices.currency}, list prices as of ${prices.asOf}${noted(prices.note)}, without free tiers and discounts; another file with --prices.`,
    `StreamMonitor runs in whole pods of ${pod.vcpu} vCPU and ${pod.gb} GB on ${compute.name}, paid for whether full or not; billed memory is at least ${compute.leastGbPerVcpu.amount} GB for each vCPU. The cluster itself costs ${compute.clusterHour.amount} an hour${noted(compute.clusterHour.note)}. Nodes of one's own may cost less.`,
    `CPU of StreamMonitor: ${cpuFrom}; a pod is given up to ${policy.shardCapacity / 1000} vCPU of work and ${policy.streamsPerShard} streams.`,
    `All streams run at once; pictures are taken for 30 frames/s, and for 1080p where the rendition does not say otherwise.`,
    `Results: one S3 object for each shard and detector every ${resultObjects.seconds / 60} minutes or ${resultObjects.bytes / 1e6} MB; incidents and their pictures, a few objects each, come on top. StreamMonitor reads nothing from S3.`,
    `Left out on both sides: storage of results, logs, network out of the region, and NAT. Left out on ours: the pods of the operator and warm headroom. Left out on the other side alone, in its favour: storage of frames, CPU of the store, cold starts, retries, the reading of a live stream between executions, and the decoding of references.`,
    `Distributed design: one execution for each second of a stream; one state transition for each detector in it; a converter writes each sampled frame as JPEG and one object with sound and transport evidence; each detector that looks at pictures fetches every frame, the others that one object. It decodes every frame of the stream also where few are sampled. A sample of 1 or 5 frames/s sees less: a defect between two samples is missed.`,
    `CPU of the distributed design was measured on: ${machine}; ${date}; ${command}${noted(measurement.note)}. What was not measured is in proportion: to pixels, and to frames for all but decoding. Detectors without pictures take the CPU that they declare here; each with pictures takes what the measured one took.`,
    `Lambda has one vCPU at ${lambda.mbPerVcpu.amount} MB, and is billed for the time in which it computes: waiting is free, in its favour.`,
    `Limits are default quotas of one account and region: ${quotas.transitionsPerSecond.amount} transitions and ${quotas.expressStartsPerSecond.amount} Express starts per second, ${quotas.lambdaConcurrency.amount} functions at once; all can be raised on request. StreamMonitor's is ${policy.maxShards} pods of one pool.`,
    ...(profile
      ? [
          `Reserving: ${reserved.name} at ${reserved.share.amount} of the price on demand${noted(reserved.share.note)}; pods hold streams of the mean cost, and the time looked at repeats for the whole term.`,
        ]
      : []),
  ];
}
