import type { ConverterEnd } from '../converter/converter.ts';
import { IngressError } from '../ingress/ingress.ts';

/** What the watcher knows of a session beside the converter's end. */
export interface SessionCircumstances {
  /** It was killed because nothing arrived any more. */
  readonly silent: boolean;
  /** It was ended because what was decrypted cannot be decoded. */
  readonly wrongKey: boolean;
  /** A fault of ours ended it. */
  readonly faulty: boolean;
  /** ffmpeg opened the network side itself. */
  readonly openedByFfmpeg: boolean;
}

/** Why a session ended, for a person; nothing when its media just ended. */
export function sessionFailure(
  end: ConverterEnd,
  circumstances: SessionCircumstances,
): IngressError | undefined {
  const { silent, wrongKey, faulty, openedByFfmpeg } = circumstances;
  if (silent) return new IngressError('NoFrames', 'the connection is open but no frame arrives');
  if (end.ffmpegMissing) {
    const message = 'ffmpeg is not installed; on Debian or Ubuntu: apt-get install ffmpeg';
    return new IngressError('FfmpegMissing', message);
  }
  if (faulty) return new IngressError('InternalError', 'the analysis failed: see the log');
  if (end.crashed) return new IngressError('FfmpegFailed', `ffmpeg stopped unexpectedly: ${end.error}`);
  if (end.refused) return end.refused;
  if (wrongKey) {
    return new IngressError(
      'WrongKey',
      'what the key decrypts cannot be decoded: it is not the key of the segments',
    );
  }
  if (end.decoded) return undefined;
  if (end.failures.has('unreachable')) return new IngressError('Unreachable', `cannot connect: ${end.error}`);
  if (openedByFfmpeg && end.failures.has('unauthorized')) {
    return new IngressError(
      'Unauthorized',
      'the server refused the credentials: give a URL that holds them with urlFrom',
    );
  }
  if (openedByFfmpeg && end.failures.has('not-found')) {
    return new IngressError('NotFound', 'the server has no such stream');
  }
  if (openedByFfmpeg) return new IngressError('Unreachable', `cannot open the stream: ${end.error}`);
  const cause = end.error ?? 'the source is empty';
  return new IngressError('Undecodable', `no picture or sound could be decoded: ${cause}`);
}
