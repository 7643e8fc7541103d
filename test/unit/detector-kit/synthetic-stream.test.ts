import { describe, expect, it } from 'vitest';
import { syntheticStream } from '../../../monitor/detector-kit/synthetic-stream.ts';
import type { Observation, PlaylistFault, TransportFault } from '../../../monitor/detectors/contract.ts';

const told = [...syntheticStream()];
const evidence = told.filter((observation) => observation.type === 'evidence');

describe('the synthetic stream', () => {
  it('has observations of each type, and time never goes back in it', () => {
    const types: Record<Observation['type'], true> = {
      ...{ epoch: true, frame: true, audio: true, evidence: true, reference: true, clock: true, end: true },
    };
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(Object.keys(types)));
    const times = told.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('has faults of the transport and of playlists, with what was measured and how long it lasts', () => {
    const faults: readonly (TransportFault | PlaylistFault)[] = ['sync-loss', 'pcr-accuracy', 'stale', 'gap'];
    for (const fault of faults) expect(evidence).toContainEqual(expect.objectContaining({ fault }));
    const kinds = new Set(evidence.map((observation) => observation.evidence));
    expect(kinds).toContain('transport-fault');
    expect(kinds).toContain('playlist-fault');
    for (const field of ['value', 'duration', 'count'] as const)
      expect(
        evidence.some((observation) => observation[field] !== undefined),
        field,
      ).toBe(true);
  });

  it('compares with a reference, also where nothing can be said of it', () => {
    const comparisons = told.filter((observation) => observation.type === 'reference');
    expect(comparisons.some(({ picture }) => picture.lag && picture.match)).toBe(true);
    expect(comparisons.some(({ picture }) => picture.unknown && picture.match === undefined)).toBe(true);
    expect(told).toContainEqual(expect.objectContaining({ type: 'epoch', hasReference: true }));
  });
});
