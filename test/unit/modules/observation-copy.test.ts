import { describe, expect, it } from 'vitest';
import { FrameStore } from '../../../monitor/converter/frame-store.ts';
import type { FrameObservation } from '../../../monitor/detectors/contract.ts';
import { isNeeded, ObservationCopies } from '../../../monitor/modules/observation-copy.ts';

function frame(): FrameObservation {
  const store = new FrameStore(640, 360, true);
  store.target().fill(100);
  store.take(0);
  store.target().fill(120);
  const { pts: time, reduced, statistics, native, kernels } = store.take(0.04);
  return { type: 'frame', time, reduced, statistics, kernels, ...(native && { native }) };
}

describe('ObservationCopies', () => {
  it('copies of a frame what the needs ask for, and nothing of its memory', () => {
    const original = frame();
    const { observation, transfer, bytes } = new ObservationCopies(['reduced']).copyOf(original);
    expect(observation).toMatchObject({
      type: 'frame',
      time: 0.04,
      statistics: { difference: 20, mean: 120 },
    });
    expect(observation).not.toHaveProperty('native');
    expect(observation).not.toHaveProperty('kernels');
    expect(bytes).toBe(320 * 180 + 1024 + 4 * 16 * 9);
    expect(transfer).not.toContain(original.reduced.data.buffer);
    // As it goes over: each buffer by itself.
    expect(structuredClone(observation, { transfer: [...transfer] })).toMatchObject({
      reduced: { width: 320, height: 180 },
    });
  });

  it('adds the planes of full size for those who need them', () => {
    const { observation, bytes } = new ObservationCopies(['native']).copyOf(frame());
    expect(observation).toMatchObject({
      native: { current: { width: 640, height: 360 } },
    });
    expect(bytes).toBe(320 * 180 + 1024 + 4 * 16 * 9 + 640 * 360);
  });

  it('fills a buffer again that came back', () => {
    const copies = new ObservationCopies(['reduced']);
    const [buffer] = copies.copyOf(frame()).transfer;
    copies.takeBack(buffer!);
    const next = copies.copyOf(frame());
    expect(next.transfer).toEqual([buffer]);
    expect(next.observation).toMatchObject({ statistics: { mean: 120 } });
    expect(copies.copyOf(frame()).transfer[0]).not.toBe(buffer);
  });

  it('copies sound', () => {
    const samples = new Int16Array([1, 2]);
    const audio = {
      type: 'audio',
      time: 1,
      sampleRate: 48_000,
      channels: 1,
      channelNames: ['FC'],
      samples,
    } as const;
    const { observation, transfer } = new ObservationCopies(['audio']).copyOf(audio);
    expect(observation).toEqual(audio);
    expect(transfer).not.toContain(samples.buffer);
  });
});

it('tells a detector of what it needs alone, and always of epochs and the end', () => {
  expect(isNeeded(frame(), ['audio'])).toBe(false);
  expect(isNeeded(frame(), ['native'])).toBe(true);
  expect(isNeeded({ type: 'clock', time: 0, expectedGap: 1 }, ['reduced'])).toBe(false);
  expect(isNeeded({ type: 'end', time: 0 }, ['clock'])).toBe(true);
});
