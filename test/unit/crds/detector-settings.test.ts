import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { resolveDetectors } from '../../../crds/detector-settings.ts';

describe('resolveDetectors', () => {
  it('gives every detector of the recommended profile its defaults', () => {
    const enabled = Object.values(detectorCatalogue).filter(({ defaults }) => defaults.enabled);
    expect(Object.keys(resolveDetectors())).toEqual(enabled.map(({ type }) => type));
    expect(resolveDetectors().black).toEqual({
      enabled: true,
      severity: 'critical',
      minDuration: 2,
      mergeGap: 5,
      parameters: { level: 20, area: 0.98, logo: 0.05 },
    });
  });

  it('puts what a user set in their place, durations in seconds', () => {
    const { black } = resolveDetectors({
      profile: 'recommended',
      black: { severity: 'info', minDuration: '1m30s', mergeGap: '250ms', level: 0 },
    });
    expect(black).toMatchObject({
      severity: 'info',
      minDuration: 90,
      mergeGap: 0.25,
      parameters: { level: 0 },
    });
  });

  it('leaves out what is switched off', () => {
    expect(resolveDetectors({ profile: 'recommended', black: { enabled: false } })).not.toHaveProperty(
      'black',
    );
  });
});
