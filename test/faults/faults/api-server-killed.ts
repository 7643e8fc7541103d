import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'api-server-killed',
  breaks: 'the API server is killed (SIGKILL), and comes back',
  promise: 'The monitors go on with the assignments that they have; the operator goes on from what it reads.',
  bound: processBound,
  strike: async ({ live, operators }, random) => {
    await live.plane.killApiServer();
    return {
      what: 'kube-apiserver',
      seconds: random.between(3, 15),
      heal: async () => {
        await live.plane.startApiServer();
        await operators.leader();
      },
    };
  },
} satisfies Fault;
