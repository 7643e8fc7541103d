import { describe, expect, it } from 'vitest';
import { DataLoss } from '../../../../monitor/detectors/block-corruption/data-loss.ts';
import type { EvidenceKind } from '../../../../monitor/detectors/contract.ts';

type Track = 'video' | 'audio' | 'unknown';

function lossAfter(...evidence: [EvidenceKind, number, Track?][]): DataLoss {
  const loss = new DataLoss();
  for (const [kind, time, track = 'video'] of evidence) {
    loss.evidence({ type: 'evidence', time, evidence: kind, track });
  }
  return loss;
}

/** Times of the damaged frames among those of ten seconds at 25 frames/s. */
function damaged(loss: DataLoss): [number, number] | undefined {
  const times = Array.from({ length: 250 }, (_, index) => index / 25).filter((time) => loss.at(time));
  return times.length > 0 ? [times[0]!, times.at(-1)!] : undefined;
}

describe('lost packets', () => {
  it('damage frames up to the next random access point, wherever evidence comes in the order', () => {
    const inOrder = lossAfter(['random-access', 1], ['continuity-gap', 2], ['random-access', 4]);
    const reversed = lossAfter(['random-access', 4], ['continuity-gap', 2], ['random-access', 1]);
    expect(damaged(inOrder)).toEqual([1.88, 3.96]);
    expect(damaged(reversed)).toEqual([1.88, 3.96]);
  });

  it('damage the pictures shown shortly before theirs, but none before a random access point', () => {
    expect(damaged(lossAfter(['random-access', 2], ['continuity-gap', 2.04], ['random-access', 3]))).toEqual([
      2, 2.96,
    ]);
  });

  it('within the random access point itself are not healed by it', () => {
    expect(damaged(lossAfter(['random-access', 2], ['continuity-gap', 2], ['random-access', 3]))).toEqual([
      2, 2.96,
    ]);
  });

  it('at the end of a GOP damage what is left of it', () => {
    expect(damaged(lossAfter(['continuity-gap', 1.96], ['random-access', 2]))).toEqual([1.84, 1.96]);
  });

  it('in every GOP damage all of them', () => {
    const loss = lossAfter(
      ['continuity-gap', 1],
      ['random-access', 2],
      ['continuity-gap', 2.5],
      ['continuity-gap', 2.9],
      ['random-access', 4],
    );
    expect(damaged(loss)).toEqual([0.88, 3.96]);
    expect(loss.at(2.2)).toBeUndefined();
  });

  it('are given two seconds where random access points are not seen, and ten where the next one is overdue', () => {
    expect(damaged(lossAfter(['continuity-gap', 2]))).toEqual([1.88, 3.96]);
    const overdue = lossAfter(['random-access', 0], ['short-segment', 2, 'unknown']);
    expect(overdue.at(11.9)?.source).toBe('transport');
    expect(overdue.at(12.1)).toBeUndefined();
  });

  it('of audio, and whole segments, damage no picture', () => {
    expect(damaged(lossAfter(['continuity-gap', 2, 'audio'], ['missing-segment', 4]))).toBeUndefined();
  });

  it('show on the frames that are left when evidence comes late', () => {
    const loss = new DataLoss();
    expect(loss.at(5)).toBeUndefined();
    loss.evidence({ type: 'evidence', time: 4, evidence: 'transport-error', track: 'video' });
    expect(loss.at(5.04)?.source).toBe('transport');
  });

  it('take bounded memory, however many there are', () => {
    const loss = new DataLoss();
    const started = performance.now();
    for (let index = 0; index < 20_000; index++) {
      loss.evidence({ type: 'evidence', time: index / 500, evidence: 'continuity-gap', track: 'video' });
      if (index % 20 === 0) loss.at(index / 500);
    }
    expect(performance.now() - started).toBeLessThan(1000);
    expect(loss.at(40)?.source).toBe('transport');
  });
});

describe('decoder errors', () => {
  it('damage the frames around them for a second where no random access point is seen', () => {
    expect(damaged(lossAfter(['decoder-error', 2]))).toEqual([1.88, 3.08]);
  });

  it('damage the frames up to a random access point that comes later than a log line is off', () => {
    expect(
      damaged(lossAfter(['decoder-concealment', 2], ['random-access', 2.08], ['random-access', 5])),
    ).toEqual([1.88, 4.96]);
  });

  it('say nothing new beside lost packets, which are timed exactly', () => {
    const loss = lossAfter(
      ['continuity-gap', 2],
      ['random-access', 3],
      ['random-access', 6],
      ['decoder-error', 1.7],
      ['decoder-error', 2.96],
      ['decoder-error', 3.2],
    );
    expect(damaged(loss)).toEqual([1.88, 2.96]);
    expect(lossAfter(['decoder-error', 2]).at(2)?.source).toBe('decoder');
  });
});

it('tells the frames that are decoded from what is left of lost data, and those that only refer to them', () => {
  const loss = lossAfter(['continuity-gap', 2], ['continuity-gap', 2.5], ['random-access', 4]);
  expect([1.8, 1.9, 2.3, 2.35, 2.4, 2.8, 3].filter((time) => loss.touches(time))).toEqual([
    1.9, 2.3, 2.4, 2.8,
  ]);
  expect(loss.at(3)).toEqual({ source: 'transport', first: 2 });
});
