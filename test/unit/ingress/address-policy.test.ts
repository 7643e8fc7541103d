import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressPolicy, egressDenied } from '../../../monitor/ingress/address-policy.ts';

describe('address policy', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['169.254.169.254', 'linkLocal'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'carrierGradeNat'],
    ['0.0.0.0', 'unspecified'],
    ['239.1.1.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
    ['fe80::1', 'linkLocal'],
    ['fd00:ec2::254', 'uniqueLocal'],
    ['ff02::1', 'multicast'],
  ])('refuses %s as %s', (address, range) => {
    expect(addressPolicy([])(address)).toEqual({ allowed: false, range });
  });

  it.each(['93.184.216.34', '172.32.0.1', '2606:2800:220:1::1'])('lets %s through', (address) => {
    expect(addressPolicy([])(address)).toEqual({ allowed: true });
  });

  it('judges an IPv4 address inside an IPv6 one', () => {
    const policy = addressPolicy([]);
    expect(policy('::ffff:169.254.169.254').allowed).toBe(false);
    expect(policy('64:ff9b::a9fe:a9fe').allowed).toBe(false);
    expect(policy('64:ff9b::5db8:d822').allowed).toBe(true);
    expect(policy('64:ff9b:1::a9fe:a9fe').allowed).toBe(false);
    expect(policy('2002:7f00:1::').allowed).toBe(false);
  });

  it('lets through what is allowed, and no more', () => {
    const policy = addressPolicy(['10.0.0.0/8', 'fd00::/8', '127.0.0.1/32']);
    expect(policy('10.200.0.1').allowed).toBe(true);
    expect(policy('fd12::1').allowed).toBe(true);
    expect(policy('::ffff:127.0.0.1').allowed).toBe(true);
    expect(policy('127.0.0.2').allowed).toBe(false);
    expect(policy('192.168.0.1').allowed).toBe(false);
  });

  it('refuses a range that is not CIDR, by name', () => {
    expect(() => addressPolicy(['10.0.0.0'])).toThrow('"10.0.0.0" is not in CIDR form');
  });

  it('takes any text for an address', () => {
    const policy = addressPolicy(['10.0.0.0/8', '::/0']);
    fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) => void policy(text)));
  });

  it('says what to allow', () => {
    const error = egressDenied('169.254.169.254', 'linkLocal');
    expect(error.reason).toBe('EgressDenied');
    expect(error.message).toMatch(/link-local range.*169\.254\.169\.254\/32/);
  });
});
