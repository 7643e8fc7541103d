import type { NetworkPeer } from './kubernetes-objects.ts';

/** What the operator's configuration says of all monitor pods. */
export interface PodInstallation {
  /** Its entrypoint is `bin/streammonitor`. */
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Secrets of each namespace with StreamMonitors. */
  readonly imagePullSecrets: readonly string[];
  readonly logLevel: string;
  /** CPU that a pod asks for, in ms per second: what one shard is given in work. */
  readonly cpu: number;
  /** Bytes that a pod asks for, and may use. */
  readonly memory: number;
  /** Cap on what waits for delivery, in bytes. */
  readonly spoolBytes: number;
  /** User and group of the process; those of the image when absent, as where the platform chooses them. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Special ranges that streams may be on all the same, in CIDR form. */
  readonly allowedRanges: readonly string[];
  readonly egress: EgressWall;
  /** Who may ask monitor pods for metrics and reports: the operator and Prometheus. */
  readonly ingressFrom: readonly NetworkPeer[];
  /** Whether the operator sees Nodes, and so moves streams off those that are to be emptied. */
  readonly nodesVisible: boolean;
}

/** What monitor pods may connect to: the wall that also holds for what ffmpeg opens itself. */
export interface EgressWall {
  readonly enabled: boolean;
  /** Ranges that are reached although denied, beside `allowedRanges`: of webhooks and stores. CIDR. */
  readonly allow: readonly string[];
  /** Ranges that are not reached: pods, services, nodes, link-local, metadata. CIDR. */
  readonly deny: readonly string[];
  /** Whether names can be looked up. */
  readonly dns: boolean;
  /** Where they are looked up; at any resolver when empty, as that of the cluster is in a denied range. */
  readonly resolvers: readonly NetworkPeer[];
}

/**
 * Ranges that are denied unless the installation knows its cluster better: every special range for unicast, where the
 * pods, services and nodes of nearly all clusters are, and with them the metadata services of clouds. Azure's alone has a
 * public address, 168.63.129.16.
 * Source: IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6598, RFC 6890, RFC 8215.
 */
export const specialRanges: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '240.0.0.0/4',
  '::1/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  'fc00::/7',
  'fe80::/10',
];
