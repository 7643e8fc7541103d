import type { Random } from '../accuracy/random.ts';
import type { Samples } from './samples.ts';

/** Something of the product that reads what others wrote, and how to feed it. */
export interface FuzzTarget {
  readonly name: string;
  /** One input; the same for the same numbers. */
  input(random: Random, samples: Samples): Buffer;
  /** Reads it as the product does. @throws what the product throws */
  run(input: Buffer): unknown;
  /** Whether the product means to throw this; anything else is a finding. */
  allows(error: unknown): boolean;
}

/** For what takes anything without failing. */
export const never = (): boolean => false;
