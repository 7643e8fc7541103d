import { expect, it } from 'vitest';
import type { ReferenceObservation } from '../../../monitor/detectors/contract.ts';
import reference from '../../../monitor/detectors/reference.ts';
import { epoch } from './observations.ts';

const detector = () => reference.create({}, { minDuration: 2 });
const { enter, exit } = reference.manifest.thresholds;

function comparison(values: Partial<ReferenceObservation>): ReferenceObservation {
  return { type: 'reference', time: 20, picture: {}, sound: {}, ...values };
}

it('says of each track by itself how far it is not that of the reference', () => {
  const said = detector().step(comparison({ picture: { match: 0.05 }, sound: { match: 0.95 } }));
  expect(said).toEqual([
    { unknown: undefined },
    { time: 20, kind: 'picture-mismatch', score: 0.95, source: 'reference' },
    { time: 20, kind: 'sound-mismatch', score: expect.closeTo(0.05), source: 'reference' },
  ]);
  expect(0.95).toBeGreaterThanOrEqual(enter);
  expect(0.05).toBeLessThan(exit);
});

it('judges the track that can be compared alone', () => {
  const said = detector().step(comparison({ picture: { unknown: 'no motion' }, sound: { match: 1 } }));
  expect(said).toEqual([
    { unknown: undefined },
    expect.objectContaining({ kind: 'sound-mismatch', score: 0 }),
  ]);
});

it('cannot tell while neither can be compared, once for each reason', () => {
  const judged = detector();
  const failing = comparison({
    picture: { unknown: 'it answers 404' },
    sound: { unknown: 'it answers 404' },
  });
  expect(judged.step(failing)).toEqual([{ unknown: 'it answers 404' }]);
  expect(judged.step(failing)).toEqual([]);
});

it('cannot tell without a reference, or before the first comparison', () => {
  const judged = detector();
  expect(judged.step(epoch())).toEqual([{ unknown: 'the stream has no reference' }]);
  expect(judged.step(epoch({ hasReference: true }))).toEqual([
    { unknown: 'too little of the stream was compared with its reference yet' },
  ]);
});
