import { Converter } from '../converter/converter.ts';
import { IngressError } from '../ingress/ingress.ts';
import type { LumaPlane } from '../kernels/luma-plane.ts';
import { sessionFailure } from './session-failure.ts';
import type { SessionSource } from './session-source.ts';

/**
 * The first picture of a source at `at` or later, in seconds from its first one, reduced as detectors see it.
 * @param pipeDirectory of the converter
 * @param signal ends the waiting for a source that gives nothing
 * @throws IngressError when it cannot be read, ends before, or is given up
 */
export async function pictureAt(
  source: SessionSource,
  at: number,
  pipeDirectory: string,
  signal: AbortSignal,
): Promise<LumaPlane> {
  let before = 0;
  signal.addEventListener('abort', () => source.close(), { once: true });
  for (;;) {
    const session = await source.next();
    if (signal.aborted) throw new IngressError('NoFrames', 'no picture arrives');
    if (!session) {
      const told = `the source ends after ${before.toFixed(2)} s, before ${at} s`;
      throw new IngressError('NoFrames', told);
    }
    let found: LumaPlane | undefined;
    let first: number | undefined;
    let last = 0;
    const converter = new Converter(
      session.source,
      {
        onMedia: () => {},
        onFrame: ({ pts, reduced }) => {
          first ??= pts;
          last = before + pts - first;
          if (found || last < at) return;
          found = { ...reduced, data: reduced.data.slice() };
          converter.kill();
        },
        onAudio: () => {},
        onPreview: () => {},
        onDamage: () => {},
      },
      pipeDirectory,
    );
    const giveUp = () => converter.kill();
    signal.addEventListener('abort', giveUp, { once: true });
    const end = await converter.convert({ video: 'reduced', audio: false, preview: false });
    signal.removeEventListener('abort', giveUp);
    if (found) return found;
    if (signal.aborted) continue;
    const failure = sessionFailure(end, {
      silent: false,
      wrongKey: false,
      faulty: end.fault !== undefined,
      openedByFfmpeg: 'url' in session.source,
    });
    if (failure) throw failure;
    before = last;
  }
}
