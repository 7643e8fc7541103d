import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { EvidenceObservation, Judgement } from '../../../monitor/detectors/contract.ts';
import transport from '../../../monitor/detectors/transport.ts';
import { clock, epoch } from './observations.ts';

const limits = { tableInterval: 0.5, pidAbsence: 5, clockInterval: 0.1, timestampInterval: 0.7 };
const detector = (more = {}) => transport.create({ ...limits, ...more }, { minDuration: 0 });
const fault = (time: number, more: Partial<EvidenceObservation>): EvidenceObservation => ({
  ...{ type: 'evidence', evidence: 'transport-fault', track: 'unknown', time },
  ...more,
});

/** What is said of evidence, some of it ahead of the media, while time goes on to ten seconds. */
function over(evidence: readonly EvidenceObservation[], subject = detector()): Judgement[] {
  const said = evidence.flatMap((observation) => subject.step(observation));
  for (let time = 0; time <= 10; time += 0.5) said.push(...subject.step(clock({ time })));
  return said.filter((judgement) => 'kind' in judgement);
}

/** From when on what is the case; that it still is, is left out. */
const seconds = (judgements: readonly Judgement[]) =>
  judgements
    .map(({ kind, score, time, since }) => [kind, score, since ?? time])
    .filter(
      (turn, index, turns) => !turns.slice(0, index).some((earlier) => isDeepStrictEqual(earlier, turn)),
    );

describe('transport', () => {
  it('finds lost packets, damage and broken rules, each at its time', () => {
    const judgements = over([
      fault(2, { evidence: 'continuity-gap', track: 'video', count: 3 }),
      fault(3, { evidence: 'transport-error', fault: 'sync-loss' }),
      fault(1, { fault: 'pat', value: 0.9 }),
    ]);
    expect(seconds(judgements)).toEqual([
      ['pat', 1, 1],
      ['continuity', 1, 2],
      ['sync-loss', 1, 3],
      ['pat', 0, 1],
      ['continuity', 0, 2],
      ['sync-loss', 0, 3],
    ]);
  });

  it('takes what is told again and again for one', () => {
    const told = [1, 2, 3, 4].map((time) => fault(time, { fault: 'pcr-repetition', value: 0.2 }));
    const judgements = over(told);
    expect(seconds(judgements)).toEqual([
      ['pcr-repetition', 1, 1],
      ['pcr-repetition', 0, 4],
    ]);
    // So that a least duration can be judged.
    expect(judgements.at(-2)).toMatchObject({ score: 1, since: 1, time: 4 });
  });

  it('bears what its parameters allow', () => {
    const late = [fault(1, { fault: 'pmt', value: 0.8 })];
    expect(over(late)).toHaveLength(2);
    expect(over(late, detector({ tableInterval: 1 }))).toEqual([]);
  });

  it('leaves alone what is no fault of the sender', () => {
    const own = [
      fault(1, { evidence: 'transport-error', count: 40 }),
      fault(2, { evidence: 'missing-segment' }),
      fault(3, { evidence: 'random-access', track: 'video' }),
      fault(4, { evidence: 'playlist-fault', fault: 'stale' }),
    ];
    expect(over(own)).toEqual([]);
  });

  it('ends what it found with its epoch, and at the end of the stream', () => {
    const subject = detector();
    subject.step(fault(1, { fault: 'crc' }));
    const said = subject.step(epoch({ time: 1.2, container: 'mpegts' }));
    expect(said).toMatchObject([{ kind: 'crc', score: 1, time: 1 }, { score: 0, since: 1 }, {}]);
    subject.step(fault(2, { fault: 'pid', value: 6 }));
    expect(subject.step({ type: 'end', time: 2.5 })).toMatchObject([{ kind: 'pid', score: 1 }, { score: 0 }]);
  });

  it('cannot tell where packets are not seen, or are none', () => {
    const said = (more: object) => detector().step(epoch(more))[0];
    expect(said({ container: 'mpegts' })).toEqual({ unknown: undefined });
    expect(said({ transportSeen: false })).toEqual({
      unknown: 'packets are not seen: the decoder opens the source itself',
    });
    expect(said({ container: 'mov' })).toEqual({ unknown: 'the media is not an MPEG transport stream' });
  });
});
