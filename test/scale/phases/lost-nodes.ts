import type { Phase } from '../phase.ts';
import type { ScaleBed } from '../scale-bed.ts';

const share = 0.1;

export const lostNodes: Phase = {
  name: 'lost-nodes',
  what: `${share * 100} % of the nodes fall silent at once, and their pods with them`,
  act: async (bed) => {
    const { fake, shards } = bed.cluster;
    for (const { name } of lost(bed)) shards.setNode(name, 'lost');
    await Promise.all(lost(bed).map((node) => fake.lose(node)));
  },
  after: async (bed) => {
    const { fake, shards } = bed.cluster;
    for (const { name } of lost(bed)) shards.setNode(name, 'present');
    await Promise.all(lost(bed).map((node) => fake.recover(node)));
  },
};

function lost({ cluster: { fake } }: ScaleBed) {
  return fake.nodes.slice(0, Math.ceil(fake.nodes.length * share));
}
