import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'leader-killed',
  breaks: 'the operator that leads is killed (SIGKILL)',
  promise: 'The other one leads within the lease, and no stream moves.',
  bound: processBound,
  strike: async ({ operators }) => {
    const leader = await operators.leader();
    await leader.stop('SIGKILL');
    return {
      what: leader.name,
      seconds: 0,
      heal: async () => {
        await operators.leader();
        await operators.begin(leader.name);
      },
    };
  },
} satisfies Fault;
