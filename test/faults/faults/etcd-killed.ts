import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'etcd-killed',
  breaks: 'etcd is killed (SIGKILL), and comes back',
  promise: 'As without the API server.',
  bound: processBound,
  strike: async ({ live, operators }, random) => {
    await live.plane.killEtcd();
    return {
      what: 'etcd',
      seconds: random.between(3, 15),
      heal: async () => {
        await live.plane.startEtcd();
        await operators.leader();
      },
    };
  },
} satisfies Fault;
