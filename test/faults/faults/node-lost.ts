import { type Fault, nodeBound } from '../fault.ts';

export default {
  name: 'node-lost',
  breaks: 'the node of a shard is gone with all its processes and disks, and comes back empty',
  promise:
    'Its streams are watched elsewhere; incidents that the operator knew of go on. What was neither delivered nor in the last report is lost.',
  bound: nodeBound,
  mayLose: 10,
  strike: async (bed, random) => {
    const { spec, metadata } = random.pick(bed.pods).pod;
    const node = bed.live.kubelet.nodes.find(({ name }) => name === spec.nodeName)!;
    await bed.live.kubelet.lose(node);
    return {
      what: `${node.name}, with ${metadata.name}`,
      seconds: 0,
      heal: async () => {
        await bed.there.settled('all are elsewhere', bed.streams.length, (shard) =>
          bed.pods.some(({ pod }) => pod.metadata.labels?.['streammonitor.dev/shard'] === shard),
        );
        await bed.live.kubelet.recover(node);
      },
    };
  },
} satisfies Fault;
