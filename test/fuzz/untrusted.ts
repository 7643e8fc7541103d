import type { FuzzTarget } from './target.ts';

/** ms that making a finding smaller may take. */
const shrinking = 3000;

/** A throw that the product does not mean. */
export interface Finding {
  readonly error: string;
  /** The smallest input that was found to cause it. */
  readonly input: Buffer;
}

/** Reads an input; what is wrong with the reading, if anything. */
export async function untrusted(target: FuzzTarget, input: Buffer): Promise<Finding | undefined> {
  const error = await failure(target, input);
  if (error === undefined) return undefined;
  const deadline = performance.now() + shrinking;
  return {
    error,
    input: await smallest(
      input,
      async (less) => performance.now() < deadline && (await failure(target, less)) !== undefined,
    ),
  };
}

async function failure(target: FuzzTarget, input: Buffer): Promise<string | undefined> {
  try {
    await target.run(Buffer.from(input));
    const polluted = Object.keys(Object.prototype);
    for (const name of polluted) Reflect.deleteProperty(Object.prototype, name);
    return polluted.length > 0 ? `the prototype of all objects has ${polluted.join(', ')}` : undefined;
  } catch (error) {
    if (target.allows(error)) return undefined;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Leaves out ever smaller pieces as long as it still fails (delta debugging, Zeller and Hildebrandt 2002). */
export async function smallest(input: Buffer, fails: (less: Buffer) => Promise<boolean>): Promise<Buffer> {
  let least = input;
  for (let size = Math.ceil(least.length / 2); size >= 1; ) {
    let shorter = false;
    for (let at = 0; at < least.length; ) {
      const less = Buffer.concat([least.subarray(0, at), least.subarray(at + size)]);
      if (await fails(less)) {
        least = less;
        shorter = true;
      } else at += size;
    }
    if (!shorter) {
      if (size === 1) break;
      size = Math.ceil(size / 2);
    } else size = Math.max(1, Math.min(size, Math.ceil(least.length / 2)));
  }
  return least;
}
