import { describe, expect, it } from 'vitest';
import type { ReferenceObservation } from '../../../monitor/detectors/contract.ts';
import { Comparison } from '../../../monitor/reference/comparison.ts';
import { Programme, type Reading } from './programme.ts';

const programme = new Programme(1);
const other = new Programme(500);

/** The last comparison of a stream and a reference, each of which has given all of its seconds. */
function compared(
  stream: Reading & { seconds: number },
  reference: Reading & { seconds: number },
): ReferenceObservation {
  const comparison = opened();
  programme.feed(comparison.reference, 0, reference.seconds, reference);
  programme.feed(comparison.stream, 0, stream.seconds, stream);
  return comparison.compare(stream.seconds)!;
}

function opened(): Comparison {
  const comparison = new Comparison();
  comparison.available(undefined);
  return comparison;
}

const offsetOf = ({ picture, sound }: ReferenceObservation) => picture.lag!.seconds - sound.lag!.seconds;

describe('a stream against its reference', () => {
  it.each([-0.5, -0.04, 0, 0.08, 0.5])(
    'has its sound %d s late, at another size, frame rate and level, and with seconds between them',
    (late) => {
      const observation = compared(
        { seconds: 24, pictureLate: 7.313, soundLate: 7.313 + late, width: 96, volume: 0.2 },
        { seconds: 20, frameRate: 50 },
      );
      expect(observation.picture.lag!.seconds).toBeCloseTo(7.313, 1);
      expect(Math.abs(offsetOf(observation) + late)).toBeLessThan(0.01);
      expect(observation.picture.match).toBeGreaterThan(0.9);
      expect(observation.sound.match).toBeGreaterThan(0.9);
    },
  );

  it('may come before its reference, and by a minute after it', () => {
    const before = compared({ seconds: 20 }, { seconds: 20, pictureLate: 6, soundLate: 6 });
    expect(before.picture.lag!.seconds).toBeCloseTo(-6, 1);
    const after = compared({ seconds: 75, pictureLate: 58, soundLate: 58 }, { seconds: 75 });
    expect(after.picture.lag!.seconds).toBeCloseTo(58, 1);
    expect(after.sound.lag!.seconds).toBeCloseTo(58, 1);
  });

  it('has another picture, or other sound, from some time on', () => {
    const comparison = opened();
    programme.feed(comparison.reference, 0, 30);
    programme.feed(comparison.stream, 0, 20);
    comparison.compare(20);
    const lost = opened();
    programme.feed(lost.reference, 0, 30);
    programme.feed(lost.stream, 0, 20);
    lost.compare(20);
    // The picture of one programme with the sound of another.
    feedMixed(comparison, 20, 26, { picture: other, sound: programme });
    feedMixed(lost, 20, 26, { picture: programme, sound: other });
    const picture = comparison.compare(26)!;
    expect(picture.picture.match).toBeLessThan(0.25);
    expect(picture.sound.match).toBeGreaterThan(0.9);
    const sound = lost.compare(26)!;
    expect(sound.picture.match).toBeGreaterThan(0.9);
    expect(sound.sound.match).toBeLessThan(0.25);
  });

  it('has another picture from the beginning, as its sound tells', () => {
    const comparison = opened();
    programme.feed(comparison.reference, 0, 20);
    feedMixed(comparison, 0, 20, { picture: other, sound: programme });
    // What belongs together is known once one of both was found.
    comparison.compare(20);
    feedMixed(comparison, 20, 21, { picture: other, sound: programme });
    programme.feed(comparison.reference, 20, 21);
    const { picture } = comparison.compare(21)!;
    expect(picture.match).toBeLessThan(0.25);
    expect(picture.unknown).toBe('the picture was not found in that of the reference');
  });

  it('goes on standing still while the picture of the reference moves', () => {
    const comparison = opened();
    programme.feed(comparison.reference, 0, 30);
    programme.feed(comparison.stream, 0, 16);
    comparison.compare(16);
    comparison.stream.advance(30);
    const { picture } = comparison.compare(27)!;
    expect(picture.match).toBe(0);
  });
});

describe('nobody can tell', () => {
  it('before enough has come', () => {
    const { picture, sound } = compared({ seconds: 4 }, { seconds: 4 });
    expect(picture).toEqual({ unknown: 'too little picture of the stream and its reference has come yet' });
    expect(sound).toEqual({ unknown: 'too little sound of the stream and its reference has come yet' });
  });

  it('while the reference is not there, and why', () => {
    const comparison = new Comparison();
    programme.feed(comparison.stream, 0, 20);
    expect(comparison.compare(20)!.picture.unknown).toContain('it is being opened');
    comparison.available('the origin answers 404');
    const { picture, sound } = comparison.compare(21)!;
    expect(picture).toEqual({ unknown: 'the reference cannot be compared: the origin answers 404' });
    expect(sound).toEqual(picture);
  });

  it('where the reference is silent', () => {
    const { picture, sound } = compared({ seconds: 20 }, { seconds: 20, volume: 0 });
    expect(picture.lag).toBeDefined();
    expect(sound).toEqual({ unknown: 'the reference has no sound to compare' });
  });

  it('when it has another programme', () => {
    const comparison = opened();
    other.feed(comparison.reference, 0, 25);
    programme.feed(comparison.stream, 0, 25);
    const { picture, sound } = comparison.compare(25)!;
    expect(picture).toEqual({ unknown: 'the picture was not found in that of the reference' });
    expect(sound).toEqual({ unknown: 'the sound was not found in that of the reference' });
  });

  it('where it repeats itself', () => {
    const comparison = opened();
    // Each side shows the same four seconds again and again.
    for (let time = 0; time < 24; time += 4) {
      for (const side of [comparison.stream, comparison.reference]) {
        programme.feed(side, time, time + 4, { pictureLate: time, soundLate: time });
      }
    }
    expect(comparison.compare(24)!.picture.lag).toBeUndefined();
  });

  it('once nothing more of the reference comes', () => {
    const comparison = opened();
    programme.feed(comparison.reference, 0, 20);
    let last: ReferenceObservation | undefined;
    for (let time = 0; time < 40; time++) {
      programme.feed(comparison.stream, time, time + 1);
      last = comparison.compare(time + 1);
    }
    expect(last!.picture).toEqual({ unknown: 'nothing more of the reference comes' });
  });

  it('of media before a break with media after it', () => {
    const comparison = opened();
    programme.feed(comparison.reference, 0, 20);
    programme.feed(comparison.stream, 0, 20);
    expect(comparison.compare(20)!.picture.lag).toBeDefined();
    comparison.begin('stream');
    expect(comparison.compare(20.04)!.picture.unknown).toMatch(/too little/);
  });
});

function feedMixed(
  { stream }: Comparison,
  from: number,
  to: number,
  { picture, sound }: { readonly picture: Programme; readonly sound: Programme },
): void {
  picture.feedPicture(stream, from, to);
  sound.feedSound(stream, from, to);
}
