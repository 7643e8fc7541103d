import { parseStreamMonitors } from '../../../crds/stream-monitor-file.ts';
import type { Measurement } from '../../../operator/cost/measurement.ts';
import type { CostedStream } from '../../../operator/cost/planned-use.ts';
import type { Prices } from '../../../operator/cost/prices.ts';
import { defaultPrices } from '../../../operator/cost/prices.ts';

/** A StreamMonitor with so many streams. */
export function monitorsOf(count: number, spec: object = {}) {
  const streams = Array.from({ length: count }, (_, index) => ({
    name: `channel-${index + 1}`,
    url: `https://origin.example/${index + 1}.m3u8`,
  }));
  const document = {
    ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor' },
    metadata: { name: 'sports', namespace: 'live' },
    spec: { streams, ...spec },
  };
  return parseStreamMonitors(JSON.stringify(document), 'live.yaml');
}

/** Round prices, so that sums can be done by hand. */
export const roundPrices: Prices = {
  ...defaultPrices,
  compute: {
    name: 'pods',
    clusterHour: { amount: 0.5, source: 'https://prices.example' },
    vcpuHour: { amount: 0.04, source: 'https://prices.example' },
    gbHour: { amount: 0.01, source: 'https://prices.example' },
    leastGbPerVcpu: { amount: 2, source: 'https://prices.example' },
  },
};

/** 10 fps: decode 40, encode 60, write 10, judge 50 ms a second. */
export const measurement: Measurement = {
  ...{ machine: 'one', date: '2026-01-01', command: 'bench' },
  distributed: [
    {
      ...{ width: 1000, height: 1000, frameRate: 10, frameBytes: 1000 },
      ms: { decode: 40, convert: 100, put: 10, detector: 50 },
    },
  ],
};

export const stream = (values: Partial<CostedStream> = {}): CostedStream => ({
  video: { width: 1000, height: 1000, frameRate: 10 },
  ...{ pictures: 3, others: 2, othersMs: 6 },
  ...values,
});
