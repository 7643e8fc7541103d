/**
 * Addresses of pods: all on the loopback network, so that a server of a test can stand in for any pod. The second
 * byte is drawn, so that two test runs on one machine seldom meet.
 */
const network = `127.${64 + Math.floor(Math.random() * 64)}`;

export const podNetwork = {
  /** CIDR of pods that are not real. */
  fakePods: `${network}.0.0/17`,
  /** Address of the n-th pod (from 0) that is a process. */
  processPod: (number: number): string => `${network}.${128 + (number >> 8)}.${(number & 255) + 1}`,
  /** Of every node. */
  node: `${network}.255.254`,
} as const;
