import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { EvidenceObservation, Judgement } from '../../../monitor/detectors/contract.ts';
import playlist from '../../../monitor/detectors/playlist.ts';
import { clock, epoch } from './observations.ts';

const detector = (more = {}) =>
  playlist.create({ staleAfter: 1.5, lengthTolerance: 0.25, ...more }, { minDuration: 0 });
const fault = (time: number, more: Partial<EvidenceObservation>): EvidenceObservation => ({
  ...{ type: 'evidence', evidence: 'playlist-fault', track: 'unknown', time },
  ...more,
});

function over(evidence: readonly EvidenceObservation[], subject = detector()): Judgement[] {
  const said = [...subject.step(epoch({ playlistSeen: true }))];
  for (let time = 0; time <= 30; time += 0.5) {
    for (const observation of evidence)
      if (observation.time === time) said.push(...subject.step(observation));
    said.push(...subject.step(clock({ time })));
  }
  return said.filter((judgement) => 'kind' in judgement);
}

/** From when on what is the case; that it still is, is left out. */
const seconds = (judgements: readonly Judgement[]) =>
  judgements
    .map(({ kind, score, time, since }) => [kind, score, since ?? time])
    .filter(
      (turn, index, turns) => !turns.slice(0, index).some((earlier) => isDeepStrictEqual(earlier, turn)),
    );

describe('playlist', () => {
  it('finds a stale playlist, from when it is told to when it is told no more', () => {
    const loads = [8, 10, 12].map((time, index) =>
      fault(time, { fault: 'stale', value: 2 + index / 2, duration: 3 }),
    );
    expect(seconds(over(loads))).toEqual([
      ['stale', 1, 8],
      ['stale', 0, 15],
    ]);
    expect(over(loads, detector({ staleAfter: 4 }))).toEqual([]);
  });

  it('goes on with one that was given up, until media comes anew', () => {
    const subject = detector();
    const given = fault(8, { fault: 'stale', value: 5, duration: Number.POSITIVE_INFINITY });
    expect(seconds(over([given], subject))).toEqual([['stale', 1, 8]]);
    expect(subject.step(epoch({ time: 40, playlistSeen: true }))).toMatchObject([
      { kind: 'stale', score: 1, since: 8 },
      { kind: 'stale', score: 0, since: 40 },
      { unknown: undefined },
    ]);
  });

  it('finds segments that are not there for as long as they would have played', () => {
    const missing = [
      fault(2, { evidence: 'missing-segment', duration: 4 }),
      fault(10, { evidence: 'short-segment', duration: 4 }),
      fault(20, { evidence: 'missing-segment', fault: 'gap', duration: 2 }),
    ];
    expect(seconds(over(missing))).toEqual([
      ['missing-segment', 1, 2],
      ['missing-segment', 0, 6],
      ['short-segment', 1, 10],
      ['short-segment', 0, 14],
      ['gap', 1, 20],
      ['gap', 0, 22],
    ]);
    expect(playlist.manifest.kinds.gap.severity).toBe('info');
  });

  it('leaves alone what this reader missed, and what is of the transport', () => {
    const others = [
      fault(2, { evidence: 'missing-segment', fault: 'skipped', count: 2 }),
      fault(3, { evidence: 'continuity-gap', track: 'video' }),
      fault(4, { evidence: 'transport-fault', fault: 'pat' }),
      fault(5, { fault: 'duration-mismatch', value: 0.2 }),
    ];
    expect(over(others)).toEqual([]);
  });

  it('cannot tell where no playlist is seen', () => {
    const subject = detector();
    expect(subject.step(epoch({ container: 'mpegts' }))).toEqual([
      { unknown: 'no playlist of the stream is seen' },
    ]);
    subject.step(fault(1, { evidence: 'short-segment', duration: 1 }));
    expect(subject.step(clock({ time: 2 }))).toEqual([]);
  });
});
