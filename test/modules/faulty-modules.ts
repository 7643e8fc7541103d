import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bodies of `step` that do what a module must not, each in its own way. */
export const faultySteps = {
  throws: "throw new Error('it cannot go on');",
  loops: 'for (;;);',
  leaks: 'kept.push(new Array(100_000).fill(observation.time)); return [];',
  hoards: 'kept.push(new Uint8Array(8_000_000).fill(1)); return [];',
  rubbish: "return [{ time: observation.time, kind: 'dark', score: 11 }];",
  'unknown-kind': "return [{ time: observation.time, kind: 'bright', score: 1 }];",
  nothing: 'return undefined;',
} as const;

/** A picture that is dark on the whole. */
const darkStep = `
  const { time, statistics } = observation;
  return [{ time, kind: 'dark', score: statistics.mean < level ? 1 : 0 }];`;

/** Text of a module whose detector does `step` at each frame; by default, it finds a dark picture. */
export function moduleText({ step = darkStep, imports = '' }: { step?: string; imports?: string } = {}) {
  return `${imports}
const manifest = {
  type: 'dark', title: 'Dark', description: 'The picture is dark.',
  kinds: { dark: { description: 'the picture is dark' } },
  needs: ['reduced'],
  cost: { fixed: 1, perMegapixel: 0 },
  defaults: { enabled: true, severity: 'warning', minDuration: '1s' },
  thresholds: { enter: 0.9, exit: 0.5 },
  parameters: {
    level: { type: 'number', default: 30, minimum: 0, maximum: 255, description: 'Mean level of a dark picture.' },
  },
};
const kept = [];
export default {
  manifest,
  create: ({ level }) => ({
    step(observation) {
      if (observation.type !== 'frame') return [];
      ${step}
    },
  }),
};
`;
}

/** Writes a module as a ConfigMap is mounted. */
export function writeModule(directory: string, name: string, text: string): void {
  mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name, 'detector.mjs'), text);
}
