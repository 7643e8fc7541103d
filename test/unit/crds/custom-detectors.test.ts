import { describe, expect, it } from 'vitest';
import { enabledCustomDetectors, moduleNamesOf } from '../../../crds/custom-detectors.ts';
import { parseStreamMonitor } from '../../../crds/stream-monitor.ts';

const monitor = (custom: unknown) =>
  parseStreamMonitor({
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'sports' },
    spec: { streams: [{ name: 'a', url: 'https://origin.example/a.m3u8' }], detectors: { custom } },
  });
const logo = { name: 'logo', module: 'logo-detector' };

describe('spec.detectors.custom', () => {
  it('leaves the parameters open, and no other field', () => {
    const entry = {
      ...logo,
      severity: 'info',
      minDuration: '3s',
      parameters: { corner: 'top-left', edges: 4 },
    };
    expect(monitor([entry]).spec.detectors.custom).toEqual([entry]);
    expect(() => monitor([{ ...logo, corner: 'top-left' }])).toThrow('custom[0].corner is not a field');
  });

  it.each([
    [[{ name: 'logo' }], 'custom[0].module is missing'],
    [[{ ...logo, name: 'black' }], 'custom[0].name is the name of a built-in detector; choose another'],
    [[logo, { ...logo, module: 'other' }], 'custom[1].name "logo" is already the name of custom[0]'],
    [[{ ...logo, module: 'No Module' }], 'custom[0].module must be the name of a ConfigMap'],
    [[{ ...logo, minDuration: '2h' }], 'custom[0].minDuration must be from 0s to 1h'],
    [
      Array.from({ length: 9 }, (_, index) => ({ ...logo, name: `d${index}` })),
      'custom has more than 8 entries',
    ],
    [[{ ...logo, parameters: { deep: {} } }], 'custom[0].parameters.deep'],
  ])('refuses %#', (custom, message) => {
    expect(() => monitor(custom)).toThrow(message);
  });
});

it('names each module that runs once, in order', () => {
  const custom = [
    { ...logo, name: 'b' },
    { ...logo, name: 'a' },
    { name: 'c', module: 'x', enabled: false },
  ];
  expect(enabledCustomDetectors(custom).map(({ name }) => name)).toEqual(['a', 'b']);
  expect(moduleNamesOf(custom)).toEqual(['logo-detector']);
  expect(moduleNamesOf(undefined)).toEqual([]);
});
