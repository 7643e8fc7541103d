import { describe, expect, it } from 'vitest';
import avSync from '../../../monitor/detectors/av-sync.ts';
import type {
  Judgement,
  ReferenceObservation,
  TrackComparison,
  Unknown,
} from '../../../monitor/detectors/contract.ts';
import { epoch } from './observations.ts';

const parameters = { toleranceEarly: 0.045, toleranceLate: 0.125, markerTone: 1000 };
const { enter } = avSync.manifest.thresholds;

function compared(): ReturnType<typeof avSync.create> {
  const detector = avSync.create(parameters, { minDuration: 2 });
  detector.step(epoch({ hasReference: true }));
  return detector;
}

const found = (seconds: number): TrackComparison => ({ lag: { seconds, confidence: 0.8 }, match: 1 });

/** A comparison each second in which the sound is this much later than the picture. */
function comparisons(late: (time: number) => number, count = 5): ReferenceObservation[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'reference',
    time: 20 + index,
    picture: found(7.3),
    sound: found(7.3 + late(20 + index)),
  }));
}

function said(detector: ReturnType<typeof compared>, observations: readonly ReferenceObservation[]) {
  return observations.flatMap((observation) => detector.step(observation));
}

const judgements = (all: readonly (Judgement | Unknown)[]) => all.filter((one) => 'kind' in one);
const present = (all: readonly (Judgement | Unknown)[]) =>
  new Set(judgements(all).flatMap(({ kind, score }) => (score >= enter ? [kind] : [])));

describe('av-sync with a reference', () => {
  it('measures the difference of the lags, once three comparisons agree', () => {
    const detector = compared();
    const all = comparisons(() => 0.2);
    expect(judgements(said(detector, all.slice(0, 2)))).toEqual([]);
    const judged = judgements(said(detector, all.slice(2)));
    expect(
      judged.map(({ measurements }) => measurements?.[0]?.value).find((value) => value !== undefined),
    ).toBeCloseTo(-0.2);
    expect(judged.find(({ kind }) => kind === 'audio-late')).toMatchObject({
      severity: 'critical',
      source: 'reference',
      confidence: 0.8,
      since: 16,
    });
  });

  it.each([
    ['0.04 s early', -0.04, []],
    ['0.06 s early', -0.06, ['audio-early']],
    ['0.1 s late', 0.1, []],
    ['0.15 s late', 0.15, ['audio-late']],
  ])('holds sound that is %s against the tolerances', (_, late, kinds) => {
    expect([
      ...present(
        said(
          compared(),
          comparisons(() => late),
        ),
      ),
    ]).toEqual(kinds);
  });

  it('cannot tell where picture and sound were found far from each other', () => {
    const all = said(
      compared(),
      comparisons(() => 15),
    );
    expect(all).toEqual([
      { unknown: 'picture and sound were found at places of the reference that do not belong together' },
    ]);
  });

  it('follows a drift', () => {
    const all = said(
      compared(),
      comparisons((time) => 0.002 * (time - 20), 120),
    );
    const values = judgements(all).flatMap(({ measurements }) => measurements?.[0]?.value ?? []);
    expect(values.at(-1)).toBeCloseTo(-0.236, 2);
    expect(present(all)).toEqual(new Set(['audio-late']));
  });

  it('says nothing of a single comparison that differs', () => {
    const all = comparisons((time) => (time === 24 ? 0.6 : 0), 10);
    expect(present(said(compared(), all))).toEqual(new Set());
  });

  it('is unknown with the reason as soon as the reference tells nothing more, never in sync', () => {
    const detector = compared();
    said(
      detector,
      comparisons(() => 0),
    );
    const unknown = 'the reference cannot be compared: cannot connect';
    const lost: ReferenceObservation = {
      type: 'reference',
      time: 30,
      picture: { unknown },
      sound: { unknown },
    };
    expect(detector.step(lost)).toEqual([{ unknown }]);
    const silent = 'the reference has no sound to compare';
    expect(detector.step({ ...lost, picture: found(7.3), sound: { unknown: silent } })).toEqual([
      { unknown: silent },
    ]);
  });
});
