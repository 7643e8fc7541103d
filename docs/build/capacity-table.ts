import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { declaredCost, type VideoFormat } from '../../operator/planner/cost.ts';
import { detectorCosts } from '../../operator/planner/detector-costs.ts';
import { defaultPolicy } from '../../operator/planner/pool-policy.ts';
import { markdownTable } from './markdown-table.ts';

const formats: readonly VideoFormat[] = [
  { width: 1920, height: 1080, frameRate: 30 },
  { width: 1920, height: 1080, frameRate: 50 },
  { width: 1280, height: 720, frameRate: 30 },
  { width: 854, height: 480, frameRate: 30 },
];

/** Streams of the example. */
const exampleStreams = 200;
/** Pods that a node of the example has room for. */
const podsOfNode = 7;

const enabled = Object.values(detectorCatalogue).filter(({ defaults }) => defaults.enabled);

/** What a stream of each format takes with the default detectors, and an example. */
export function capacityPart(): string {
  const { shardCapacity } = defaultPolicy;
  const cores = shardCapacity / 1000;
  const [hd] = formats.map(takenBy);
  const pods = Math.ceil(exampleStreams / hd!.streams);
  const nodes = Math.ceil(pods / podsOfNode);
  return [
    markdownTable(
      ['picture', 'CPU', `streams in a pod of ${cores} CPU`],
      formats.map((format) => {
        const { cost, streams } = takenBy(format);
        const { width, height, frameRate } = format;
        return [`${width}×${height}, ${frameRate} fps`, `${Math.round(cost)} ms per second`, String(streams)];
      }),
    ),
    `An example: ${exampleStreams} streams of 1080p30 take ${((exampleStreams * hd!.cost) / 1000).toFixed(1)} CPU, so ` +
      `${pods} pods of ${cores} CPU. On nodes with room for ${podsOfNode} such pods that is ${nodes} nodes, and one more so ` +
      'that the loss of one is borne.',
  ].join('\n\n');
}

function takenBy(format: VideoFormat): { readonly cost: number; readonly streams: number } {
  const cost = declaredCost(
    format,
    enabled.map(({ type }) => type),
    detectorCosts,
  );
  const { shardCapacity, streamsPerShard } = defaultPolicy;
  return { cost, streams: Math.min(streamsPerShard, Math.floor(shardCapacity / cost)) };
}
