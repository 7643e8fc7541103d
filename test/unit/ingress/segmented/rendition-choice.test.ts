import { describe, expect, it } from 'vitest';
import type { IngressError } from '../../../../monitor/ingress/ingress.ts';
import { chooseVariant, type Variant } from '../../../../monitor/ingress/segmented/rendition-choice.ts';

const variants: Variant[] = [
  { uri: '720', bandwidth: 3000, height: 720 },
  { uri: '360', bandwidth: 800, height: 360 },
  { uri: '720-low', bandwidth: 2000, height: 720 },
  { uri: '1080', bandwidth: 6000, height: 1080 },
  { uri: 'sound', bandwidth: 64, codecs: 'mp4a.40.2' },
];

describe('rendition choice', () => {
  it('goes by bandwidth and leaves sound without pictures out', () => {
    expect(chooseVariant(variants, 'highest')?.uri).toBe('1080');
    expect(chooseVariant(variants, 'lowest')?.uri).toBe('360');
  });

  it('takes the best that is not above a height, or the smallest', () => {
    expect(chooseVariant(variants, { maxHeight: 720 })?.uri).toBe('720');
    expect(chooseVariant(variants, { maxHeight: 719 })?.uri).toBe('360');
    expect(chooseVariant(variants, { maxHeight: 100 })?.uri).toBe('360');
  });

  it('takes the best of a height, and no other in its place', () => {
    expect(chooseVariant(variants, { height: 720 })?.uri).toBe('720');
    expect(chooseVariant(variants, { height: 360 })?.uri).toBe('360');
    const refused = (wanted: number, from = variants) => {
      try {
        return chooseVariant(from, { height: wanted })?.uri;
      } catch (error) {
        const { reason, message } = error as IngressError;
        return [reason, message];
      }
    };
    expect(refused(480)).toEqual([
      'NotOffered',
      'the source has no rendition of 480 lines; it has 1080, 720, 360',
    ]);
    expect(refused(480, variants.slice(4))).toEqual([
      'NotOffered',
      'the source does not say how tall its renditions are, so none is known to have 480 lines',
    ]);
  });

  it('takes sound alone where there is nothing else', () => {
    expect(chooseVariant(variants.slice(4), 'highest')?.uri).toBe('sound');
    expect(chooseVariant([], 'highest')).toBeUndefined();
  });
});
