import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'operators-killed',
  breaks: 'both operators are killed (SIGKILL), and come back',
  promise: 'The monitors do not notice; the next leader goes on from the assignments.',
  bound: processBound,
  strike: async (bed, random) => {
    const operators = bed.operators.all;
    await Promise.all(operators.map((operator) => operator.stop('SIGKILL')));
    return {
      what: operators.map(({ name }) => name).join(' and '),
      seconds: random.between(2, 10),
      heal: async () => {
        await Promise.all(operators.map(({ name }) => bed.operators.begin(name)));
        await bed.operators.leader();
      },
    };
  },
} satisfies Fault;
