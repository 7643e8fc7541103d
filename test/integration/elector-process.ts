import { createInterface } from 'node:readline';
import pino from 'pino';
import { KubeClient } from '../../operator/kube/kube-client.ts';
import { loadKubeConfig } from '../../operator/kube/kube-config.ts';
import { LeaseElection } from '../../operator/kube/lease-election.ts';

/**
 * A process that takes part in an election, so that a test can kill or block it. Arguments: kubeconfig, the options of
 * the election as JSON. Tells what happens on standard output as lines of JSON; a line on standard input is a number
 * of ms for which its event loop is to be blocked.
 */
const [path, options] = process.argv.slice(2) as [string, string];
const tell = (event: string) =>
  process.stdout.write(`${JSON.stringify({ event, isLeader: election.isLeader })}\n`);

const client = new KubeClient(loadKubeConfig({ path }), {
  userAgent: 'elector',
  fieldManager: 'elector',
  qps: 50,
  burst: 50,
});
const election = new LeaseElection(client, {
  ...JSON.parse(options),
  logger: pino({ level: 'silent' }),
  onAcquired: () => tell('acquired'),
  onLost: (reason) => tell(`lost: ${reason}`),
});

createInterface(process.stdin).on('line', (line) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(line));
  tell('blocked');
});
void election.run();
