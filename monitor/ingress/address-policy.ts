import ipaddr from 'ipaddr.js';
import { IngressError } from './ingress.ts';

/** Decides which addresses an ingress may connect to. */
export type AddressPolicy = (address: string) => AddressVerdict;
export type AddressVerdict = { readonly allowed: true } | { readonly allowed: false; readonly range: string };

/**
 * A policy that lets public unicast addresses through and refuses every special range (IANA IPv4 and IPv6
 * Special-Purpose Address Registries): loopback, private, link-local with the metadata services of clouds,
 * unique-local, multicast and so on, except where one of `allowedRanges` (CIDR) holds the address. IPv6 addresses
 * that embed an IPv4 one (mapped, RFC 4291; NAT64, RFC 6052) are judged by the embedded address.
 * @throws IngressError when a range is not in CIDR form
 */
export function addressPolicy(allowedRanges: readonly string[]): AddressPolicy {
  const allowed = allowedRanges.map(parseRange);
  return (address) => {
    if (!ipaddr.isValid(address)) return { allowed: false, range: 'invalid' };
    const parsed = embeddedAddress(ipaddr.process(address));
    if (allowed.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))) {
      return { allowed: true };
    }
    const range = parsed.range();
    return range === 'unicast' ? { allowed: true } : { allowed: false, range };
  };
}

/** The error for an address that a policy refused. */
export function egressDenied(address: string, range: string): IngressError {
  const single = `${address}/${address.includes(':') ? 128 : 32}`;
  return new IngressError(
    'EgressDenied',
    `the address is in the ${rangeNames[range] ?? range} range, which is not allowed: ` +
      `add ${single}, or the range around it, to the allowed ranges if it is meant to be watched`,
  );
}

const rangeNames: Readonly<Record<string, string>> = {
  linkLocal: 'link-local',
  uniqueLocal: 'unique-local',
  carrierGradeNat: 'carrier-grade NAT',
};

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function parseRange(text: string): [Address, number] {
  if (!ipaddr.isValidCIDR(text)) {
    throw new IngressError(
      'EgressDenied',
      `the allowed range "${text}" is not in CIDR form, such as 10.0.0.0/8`,
    );
  }
  return ipaddr.parseCIDR(text);
}

function embeddedAddress(address: Address): Address {
  // Only the well-known NAT64 prefix has the IPv4 address at a fixed place, the last 32 bits (RFC 6052 §2.2).
  const nat64 = address instanceof ipaddr.IPv6 && address.match(ipaddr.IPv6.parse('64:ff9b::'), 96);
  return nat64 ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}
