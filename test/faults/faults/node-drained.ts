import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'node-drained',
  breaks: 'the node of a shard is cordoned, to be emptied',
  promise: 'Its streams move, each watched by both shards until the next one sees it.',
  bound: processBound,
  strike: async (bed, random) => {
    const { spec, metadata } = random.pick(bed.pods).pod;
    const node = bed.live.kubelet.nodes.find(({ name }) => name === spec.nodeName)!;
    await node.cordon();
    return {
      what: `${node.name}, with ${metadata.name}`,
      seconds: 0,
      heal: async () => {
        await bed.there.settled(
          'all moved away',
          bed.streams.length,
          (shard) => bed.there.pod(shard).pod.spec.nodeName !== node.name,
        );
        await node.cordon(false);
      },
    };
  },
} satisfies Fault;
