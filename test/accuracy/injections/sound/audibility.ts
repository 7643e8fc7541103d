import { decibels, type PieceSound, powerIn } from '../../piece-sound.ts';
import type { Span } from '../../spans.ts';

/** A hole is heard where the sound that is missing is above this many dBFS … */
const leastLevel = -40;
/** … and not this many dB weaker than the half second around it, which rings on in the ear. */
const mostBelow = 15;
const around = 0.25;

/** Whether a listener misses the sound of a short span. */
export function isHeard(sound: PieceSound, [from, to]: Span): boolean {
  const missing = decibels(powerIn(sound, [from, to]));
  const surroundings = decibels(powerIn(sound, [from - around, to + around]));
  return missing > leastLevel && missing > surroundings - mostBelow;
}
