import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error a module that stands by itself, as it is mounted: it has no types
import logoDetector from '../../../examples/logo-detector/detector.mjs';
import { checkModule } from '../../../monitor/detector-kit/check-module.ts';
import type { DetectorDefinition } from '../../../monitor/detectors/contract.ts';
import { epoch, frames, judge, type Painter } from '../detectors/observations.ts';

const { create, manifest } = logoDetector as DetectorDefinition;
const detector = (values: object = {}) =>
  create({ corner: 'top-right', learn: 5, leastEdges: 40, ...values } as never, { minDuration: 3 });

/** Moving texture with a framed logo in the top right corner while `shown`. */
const channel =
  (shown: (second: number) => boolean): Painter =>
  (data, index) => {
    for (let sample = 0; sample < data.length; sample++) {
      data[sample] = 60 + (((sample + 11 * index) * 2654435761) >>> 28) * 2;
    }
    if (!shown(index / 25)) return;
    for (let row = 10; row < 40; row++) {
      for (let column = 250; column < 310; column += row % 8 < 2 ? 1 : 8) data[row * 320 + column] = 230;
    }
  };

describe('the example logo-detector', () => {
  it('keeps to the contract', async () => {
    const { breaches } = await checkModule(join(import.meta.dirname, '../../../examples/logo-detector'));
    expect(breaches).toEqual([]);
  });

  it('learns the logo of a stream and finds that it is missing', () => {
    const judgements = judge(
      detector(),
      frames(
        channel((second) => second < 8),
        { count: 300 },
      ),
    );
    const missing = judgements.filter(({ score }) => score >= manifest.thresholds.enter);
    expect(missing[0]?.time).toBeCloseTo(8, 0);
    expect(missing.at(-1)).toMatchObject({ kind: 'missing', since: expect.closeTo(8, 0) });
    expect(judgements.filter(({ time }) => time < 7.9).every(({ score }) => score < 0.3)).toBe(true);
  });

  it('knows the logo after a reconnect', () => {
    const subject = detector();
    judge(
      subject,
      frames(
        channel(() => true),
        { count: 150 },
      ),
    );
    subject.step(epoch({ time: 6 }));
    const judgements = judge(
      subject,
      frames(
        channel(() => false),
        { count: 50, from: 6 },
      ),
    );
    expect(judgements.at(-1)?.score).toBeGreaterThan(manifest.thresholds.enter);
  });

  it('cannot tell while it learns, without a logo, and without video', () => {
    const subject = detector();
    expect(subject.step(epoch({ hasVideo: false }))).toEqual([{ unknown: 'the stream has no video' }]);
    expect(subject.step(epoch())).toEqual([{ unknown: 'the logo is being learned' }]);
    const plain = detector();
    const reasons = new Set<unknown>();
    for (const frame of frames(
      channel(() => false),
      { count: 200 },
    )) {
      for (const one of plain.step(frame)) if ('unknown' in one) reasons.add(one.unknown);
    }
    expect([...reasons]).toEqual(['the logo is being learned', 'there is no logo in the corner top-right']);
  });
});
