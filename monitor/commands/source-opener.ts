import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { localRanges } from '../../crds/local-ranges.ts';
import { StreamUrl } from '../../crds/stream-url.ts';
import type { IngressListener, IngressOptions } from '../ingress/ingress.ts';
import type { ContentKeys } from '../ingress/segmented/content-keys.ts';
import { soundtrackWish } from '../ingress/segmented/soundtrack-choice.ts';
import { openFile, openStream, type SessionSource } from '../watch/session-source.ts';

/** How a stream or file that a person names is to be read. */
export interface SourceOptions {
  readonly header: Record<string, string>;
  readonly audioTrack?: number;
  readonly audioLanguage?: string;
  readonly keys?: ContentKeys;
}

export type Opener = (
  rendition: IngressOptions['rendition'],
  listener: IngressListener,
) => Promise<SessionSource>;

/** How to open the target, or what is wrong with it. */
export function opener(target: string, options: SourceOptions, logger: Logger): Opener | string {
  const soundtrack = soundtrackWish(options);
  const ingress = (rendition: IngressOptions['rendition'], listener: IngressListener): IngressOptions => ({
    rendition,
    ...(soundtrack && { soundtrack }),
    ...(options.keys && { keys: options.keys }),
    headers: options.header,
    allowedRanges: localRanges,
    ...listener,
    onRemark: (message) => logger.info(message),
  });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    try {
      const url = new StreamUrl(target);
      return (rendition, listener) => openStream(url, ingress(rendition, listener));
    } catch (error) {
      return `the URL ${(error as Error).message}`;
    }
  }
  if (!existsSync(target)) return `there is no file ${target}`;
  return (rendition, listener) => openFile(target, ingress(rendition, listener));
}
