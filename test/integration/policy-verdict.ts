import ipaddr from 'ipaddr.js';

/** What of a NetworkPolicy says who may connect to whom. */
export interface PolicySpec {
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
}

interface PolicyRule {
  readonly from?: readonly PolicyPeer[];
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly { readonly protocol?: string; readonly port?: number | string }[];
}

interface PolicyPeer {
  readonly namespaceSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

/** The other end of a connection. */
export interface Party {
  /** Address; a pod is known by its labels, and has one too. */
  readonly address: string;
  readonly pod?: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
}

/**
 * Whether a NetworkPolicy, the only one that selects a pod of `namespace`, lets a connection be.
 * Source: "NetworkPolicy" of the Kubernetes documentation, "The two sorts of pod isolation" and "Behavior of to and
 * from selectors".
 */
export function policyAllows(
  spec: PolicySpec,
  namespace: string,
  direction: 'ingress' | 'egress',
  party: Party,
  port: number,
  protocol = 'TCP',
): boolean {
  const types = spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])];
  if (!types.some((type) => type.toLowerCase() === direction)) return true;
  return (spec[direction] ?? []).some((rule) => {
    const peers = rule[direction === 'ingress' ? 'from' : 'to'] ?? [];
    const ports = rule.ports ?? [];
    return (
      // Without peers a rule is for all of them, and so without ports.
      (peers.length === 0 || peers.some((peer) => isPeer(peer, namespace, party))) &&
      (ports.length === 0 || ports.some((one) => one.port === port && (one.protocol ?? 'TCP') === protocol))
    );
  });
}

function isPeer(
  { ipBlock, namespaceSelector, podSelector }: PolicyPeer,
  namespace: string,
  party: Party,
): boolean {
  if (ipBlock) {
    const { cidr, except = [] } = ipBlock;
    return isWithin(party.address, cidr) && !except.some((range) => isWithin(party.address, range));
  }
  if (!party.pod) return false;
  const names = { 'kubernetes.io/metadata.name': party.pod.namespace };
  const namespaceMatches = namespaceSelector
    ? matches(namespaceSelector.matchLabels, names)
    : party.pod.namespace === namespace;
  return namespaceMatches && matches(podSelector?.matchLabels, party.pod.labels);
}

function matches(
  wanted: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function isWithin(address: string, cidr: string): boolean {
  const [parsed, range] = [ipaddr.parse(address), ipaddr.parseCIDR(cidr)];
  return parsed.kind() === range[0].kind() && parsed.match(range);
}
