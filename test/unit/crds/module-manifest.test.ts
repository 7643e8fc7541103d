import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { parseModuleManifest } from '../../../crds/module-manifest.ts';

const manifest = detectorCatalogue.black!;

describe('parseModuleManifest', () => {
  it.each(Object.entries(detectorCatalogue))('takes what a built-in detector declares: %s', (_, own) => {
    expect(parseModuleManifest(own)).toEqual(own);
  });

  it.each([
    [null, 'manifest must be an object with named fields, not empty'],
    [{ ...manifest, type: 'My Detector' }, 'manifest.type must be lower-case letters, digits and "-"'],
    [{ ...manifest, kinds: {} }, 'manifest.kinds must have from 1 to 16 entries'],
    [{ ...manifest, kinds: { 'A B': { description: 'x' } } }, 'manifest.kinds.A B is no name'],
    [{ ...manifest, needs: [] }, 'manifest.needs must have at least 1 entries'],
    [{ ...manifest, needs: ['colour'] }, 'manifest.needs[0] must be one of reduced, native'],
    [{ ...manifest, thresholds: { enter: 0.5, exit: 0.6 } }, 'manifest.thresholds needs enter above 0'],
    [{ ...manifest, extra: 1 }, 'manifest.extra is not a field'],
    [
      {
        ...manifest,
        parameters: { level: { type: 'number', default: 9, minimum: 0, maximum: 5, description: 'x' } },
      },
      'manifest.parameters.level.default is not among the values allowed',
    ],
  ])('refuses %#', (wrong, message) => {
    expect(() => parseModuleManifest(wrong)).toThrow(message);
  });
});
