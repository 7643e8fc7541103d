import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { addressPolicy, egressDenied } from './address-policy.ts';

/**
 * Refuses a host that ffmpeg is to connect to by itself, where the policy lets any of its addresses not through: which
 * of them ffmpeg takes is not ours to choose. A name that does not resolve is left to ffmpeg to tell of.
 * @throws IngressError EgressDenied
 */
export async function refuseForbiddenHost(host: string, allowedRanges: readonly string[]): Promise<void> {
  const policy = addressPolicy(allowedRanges);
  const found = isIP(host) ? [{ address: host }] : await lookup(host, { all: true }).catch(() => []);
  for (const { address } of found) {
    const verdict = policy(address);
    if (!verdict.allowed) throw egressDenied(address, verdict.range);
  }
}
