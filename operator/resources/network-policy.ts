import type { NetworkPeer, NetworkPolicy } from './kubernetes-objects.ts';
import { poolLabels, poolSelector } from './labels.ts';
import { metadataOf } from './metadata.ts';
import type { Owner } from './owner-references.ts';
import type { PodInstallation } from './pod-installation.ts';
import type { PodPool } from './pod-pool.ts';
import { monitorPort } from './pod-template.ts';

/**
 * The wall around the pods of a pool. In: the operator and Prometheus, to the one port. Out: everything but the denied
 * ranges, save those that were allowed; it also holds for what ffmpeg opens itself, after every redirect.
 */
export function networkPolicy(
  pool: Pick<PodPool, 'id' | 'namespace'>,
  owners: readonly Owner[],
  installation: Pick<PodInstallation, 'egress' | 'ingressFrom' | 'allowedRanges'>,
): NetworkPolicy {
  const { egress, ingressFrom } = installation;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(pool.id, pool.namespace, poolLabels(pool.id), owners),
    spec: {
      podSelector: poolSelector(pool.id),
      policyTypes: egress.enabled ? ['Ingress', 'Egress'] : ['Ingress'],
      // Without a rule nobody comes in; a rule without peers would let everybody in.
      ...(ingressFrom.length > 0 && {
        ingress: [{ from: [...ingressFrom], ports: [{ protocol: 'TCP', port: monitorPort }] }],
      }),
      ...(egress.enabled && { egress: egressRules(installation) }),
    },
  };
}

function egressRules({
  egress,
  allowedRanges,
}: Pick<PodInstallation, 'egress' | 'allowedRanges'>): NonNullable<NetworkPolicy['spec']['egress']> {
  const allowed = [...new Set([...allowedRanges, ...egress.allow])].sort();
  return [
    ...(egress.dns ? [dnsRule(egress.resolvers)] : []),
    { to: [worldWithout('0.0.0.0/0', egress.deny), worldWithout('::/0', egress.deny)] },
    ...(allowed.length > 0 ? [{ to: allowed.map((cidr) => ({ ipBlock: { cidr } })) }] : []),
  ];
}

/** Without resolvers these ports are open to all addresses, denied ones too. The cluster's listens on 5353 on OpenShift. */
function dnsRule(resolvers: readonly NetworkPeer[]) {
  return {
    ...(resolvers.length > 0 && { to: [...resolvers] }),
    ports: [53, 5353].flatMap((port) => [
      { protocol: 'UDP' as const, port },
      { protocol: 'TCP' as const, port },
    ]),
  };
}

/** @param world all of IPv4 or all of IPv6: only ranges of its own kind can be taken out */
function worldWithout(world: string, denied: readonly string[]): NetworkPeer {
  const except = [...new Set(denied)].filter((range) => range.includes(':') === world.includes(':')).sort();
  return { ipBlock: { cidr: world, ...(except.length > 0 && { except }) } };
}
