import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { podDisruptionBudget } from '../../../operator/resources/pod-disruption-budget.ts';

const pool = { id: 'smon-0123456789', namespace: 'live' };

it.each(['charts/build/introduction.md', 'docs/runbooks/OperatorDown.md'])(
  '%s says how a budget is taken away that no operator looks after any more',
  (page) => {
    const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
    const [, label, value] = /kubectl delete pdb \S+ -l ([^=\s]+)=(\w+)/.exec(text)!;
    const { metadata, spec } = podDisruptionBudget(pool, [], { nodesVisible: true });
    expect(spec.maxUnavailable).toBe(0);
    expect(metadata.labels).toMatchObject({ [label!]: value });
  },
);
