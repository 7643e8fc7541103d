/**
 * Addresses of pods: all on the loopback network, so that a server of a test can stand in for any pod. The second
 * byte is drawn, so that two test runs on one machine seldom meet, and differs between the test files that run side
 * by side in one.
 */
const network = `127.${64 + 4 * Math.floor(Math.random() * 16) + (Number(process.env.VITEST_POOL_ID ?? 0) % 4)}`;

export const podNetwork = {
  /** CIDR of pods that are not real. */
  fakePods: `${network}.0.0/17`,
  /** Address of the n-th pod (from 0) that is a process. */
  processPod: (number: number): string => `${network}.${128 + (number >> 8)}.${(number & 255) + 1}`,
  /** Of every node. */
  node: `${network}.255.254`,
} as const;
