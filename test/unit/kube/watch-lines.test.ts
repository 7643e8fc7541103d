import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lines } from '../../../operator/kube/watch-lines.ts';

async function read(pieces: readonly Uint8Array[]): Promise<string[]> {
  const result: string[] = [];
  for await (const line of lines(Readable.from(pieces))) result.push(line);
  return result;
}

describe('lines of a stream', () => {
  it('are whole whatever pieces they come in', async () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((line) => !line.includes('\n')),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), async (expected, sizes) => {
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''));
        const pieces: Buffer[] = [];
        for (let start = 0; start < bytes.length; start += pieces.at(-1)!.length) {
          pieces.push(bytes.subarray(start, start + sizes.next().value));
        }
        expect(await read(pieces)).toEqual(expected);
      }),
    );
  });

  it('leave out what was cut off, and empty ones', async () => {
    expect(await read([Buffer.from('one\n\ntwo\nthr')])).toEqual(['one', 'two']);
  });
});
