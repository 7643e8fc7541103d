import { describe, expect, it } from 'vitest';
import { networkPolicy } from '../../../operator/resources/network-policy.ts';
import { installation } from './installation.ts';

const pool = { id: 'smon-0123456789', namespace: 'live' };
const specOf = (change: object) => networkPolicy(pool, [], { ...installation, ...change }).spec;
const egress = (change: object) => specOf({ egress: { ...installation.egress, ...change } });

describe('networkPolicy', () => {
  it('lets nobody in where nobody is named', () => {
    const spec = specOf({ ingressFrom: [] });
    expect(spec.policyTypes).toContain('Ingress');
    expect(spec).not.toHaveProperty('ingress');
  });

  it('says nothing of what pods connect to when the wall is off', () => {
    const spec = egress({ enabled: false });
    expect(spec.policyTypes).toEqual(['Ingress']);
    expect(spec).not.toHaveProperty('egress');
  });

  it('opens no port for names when those are not looked up', () => {
    expect(JSON.stringify(egress({ dns: false }))).not.toContain('"port":53');
  });

  it('opens ports for names at any resolver, unless some are named', () => {
    expect(egress({}).egress![0]).not.toHaveProperty('to');
    const resolvers = [{ ipBlock: { cidr: '10.96.0.10/32' } }];
    expect(egress({ resolvers }).egress![0]).toMatchObject({ to: resolvers, ports: { length: 4 } });
    expect(JSON.stringify(egress({ resolvers, dns: false }))).not.toContain('10.96.0.10');
  });

  it('opens all of the world where nothing is denied', () => {
    expect(egress({ deny: [], dns: false }).egress).toEqual([
      { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }] },
    ]);
  });

  it('names each allowed range once, in one order', () => {
    const spec = specOf({
      allowedRanges: ['10.2.0.0/16', '10.1.0.0/16'],
      egress: { ...installation.egress, allow: ['10.2.0.0/16', '10.3.0.0/16'] },
    });
    expect(spec.egress?.at(-1)).toEqual({
      to: ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'].map((cidr) => ({ ipBlock: { cidr } })),
    });
  });
});
