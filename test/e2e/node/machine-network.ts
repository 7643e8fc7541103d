import { readFile, writeFile } from 'node:fs/promises';
import { attempt, command } from '../command.ts';
import { machineLayout, nodeLayouts } from './node-layout.ts';

const { bridge } = machineLayout;
const addresses = [machineLayout, ...nodeLayouts].map(({ address }) => `${address}/32`);
const forwarding = '/proc/sys/net/ipv4/ip_forward';
/** Among themselves pods may talk, whatever the machine's policy is; what they send outside is refused at once. */
const rules = [
  ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT'],
  ['FORWARD', '-i', bridge, '!', '-o', bridge, '-j', 'REJECT'],
];

/** Puts the addresses of the nodes on this machine and keeps their pods from the world. Returns how forwarding was set. */
export async function openNetwork(): Promise<string> {
  const before = await readFile(forwarding, 'utf8');
  for (const address of addresses) await command(['ip', 'address', 'add', address, 'dev', 'lo']);
  for (const rule of rules) await command(['iptables', '-I', ...rule]);
  return before.trim();
}

/** Takes away what `openNetwork`, the bridge plugin, kube-proxy and the kubelet have set. */
export async function closeNetwork(proxy: string, forwardingBefore: string | undefined): Promise<void> {
  await attempt(['ip', 'link', 'delete', bridge]);
  for (const rule of rules) await attempt(['iptables', '-D', ...rule]);
  await attempt([proxy, '--cleanup']);
  await closeKubeletRules();
  for (const address of addresses) await attempt(['ip', 'address', 'delete', address, 'dev', 'lo']);
  if (forwardingBefore !== undefined) await writeFile(forwarding, forwardingBefore);
}

/** kube-proxy clears what is its own; the kubelet never clears its chains. */
async function closeKubeletRules(): Promise<void> {
  for (const chain of ['INPUT', 'OUTPUT']) await attempt(['iptables', '-D', chain, '-j', 'KUBE-FIREWALL']);
  const chains = [
    ...['filter KUBE-FIREWALL', 'filter KUBE-KUBELET-CANARY', 'nat KUBE-KUBELET-CANARY'],
    ...['mangle KUBE-KUBELET-CANARY', 'mangle KUBE-IPTABLES-HINT'],
  ];
  for (const [table, chain] of chains.map((each) => each.split(' ') as [string, string])) {
    await attempt(['iptables', '-t', table, '-F', chain]);
    await attempt(['iptables', '-t', table, '-X', chain]);
  }
}
