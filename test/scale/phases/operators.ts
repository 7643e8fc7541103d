import type { OperatorProcess } from '../../integration/operator-process.ts';
import { eventually } from '../../integration/run-process.ts';
import type { Phase } from '../phase.ts';
import type { ScaleBed } from '../scale-bed.ts';

/** Longest until another leads: the lease of 30 s, and until the next look. In seconds. */
const takeover = 60;

export const newImage: Phase = {
  name: 'new-image',
  what: 'the operator starts with another image, and every stream goes to a pod of it',
  act: async (bed) => {
    bed.image = bed.image.replace(/\d+$/, (version) => String(Number(version) + 1));
    await restarted(bed);
  },
  isOver: (bed) => bed.pods.every(({ spec }) => spec.containers[0].image === bed.image),
};

export const restart: Phase = {
  name: 'restart',
  what: 'the operator ends and is started again, until it has read, planned and heard all, and has placed one stream more',
  act: async (bed) => {
    await restarted(bed);
    await oneMore(bed);
  },
  isOver: (bed) => bed.isResynced(),
};

export const failOver: Phase = {
  name: 'fail-over',
  what: 'the operator is killed, and another that waited goes on, until it has placed one stream more',
  before: async (bed) => {
    await bed.beginStandby('streammonitor-standby');
    await eventually('the standby has its copies', () => ready(bed.standby!), takeover);
  },
  act: async (bed) => {
    await bed.operators.stop(bed.operator, 'SIGKILL');
    bed.operator = bed.standby!;
    await bed.operator.leads(takeover);
    await oneMore(bed);
  },
  isOver: (bed) => bed.isResynced(),
};

export const apiRestart: Phase = {
  name: 'api-restart',
  what: 'the API server is killed and started again, until one stream more is placed',
  act: async (bed) => {
    await bed.cluster.plane.restartApiServer();
    await oneMore(bed);
  },
  isOver: (bed) => bed.isResynced(),
};

async function ready(operator: OperatorProcess): Promise<boolean> {
  const answer = await operator.get('/readyz').catch(() => undefined);
  return answer?.ok ?? false;
}

/** As after a restart of its container: it leads again at once. */
async function restarted(bed: ScaleBed): Promise<void> {
  const { name } = bed.operator;
  await bed.operators.stop(bed.operator);
  await bed.beginOperator(name);
  await bed.operator.leads(takeover);
}

/** That all is well says nothing of an operator that does nothing. */
async function oneMore(bed: ScaleBed): Promise<void> {
  await bed.ask({ name: `monitor-${bed.fleet.length}`, streams: 1, lists: [] });
}
