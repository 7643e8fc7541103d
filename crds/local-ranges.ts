/**
 * A machine's own and private networks, and multicast: where streams are on a developer's machine or in a control
 * room, and what `probe` and `run` may reach unasked. Not link-local, where clouds keep their metadata. CIDR.
 */
export const localRanges = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/4',
  '::1/128',
  'fc00::/7',
  'ff00::/8',
] as const;
