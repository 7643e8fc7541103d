import type { StreamUrl } from '../../crds/stream-url.ts';
import { streamSchemes } from '../../crds/stream-url.ts';
import type { ConverterSource } from '../converter/converter.ts';
import { refuseForbiddenHost } from '../ingress/checked-host.ts';
import { type Ingress, IngressError, type IngressOptions } from '../ingress/ingress.ts';
import { sight } from '../ingress/input-kinds.ts';
import { needsIngress, openFileIngress, openIngress } from '../ingress/open.ts';
import { refuseHeight } from '../ingress/segmented/rendition-choice.ts';

/** One uninterrupted stretch of media and how to decode it. */
export interface MediaSession {
  readonly source: ConverterSource;
  /** Longest pause between arrivals that is normal, in seconds. */
  readonly expectedGap: number;
  readonly live: boolean;
  readonly transportSeen: boolean;
  readonly container?: 'mpegts' | 'mov';
  readonly playlistSeen?: boolean;
  /** Samples were decrypted, maybe with a wrong key. */
  readonly decrypted?: boolean;
}

/** Yields a stream's sessions; see `Ingress`. */
export interface SessionSource {
  next(): Promise<MediaSession | undefined>;
  close(): void;
}

/** Pauses that live transports without segments may show before it counts as a stall, in seconds. */
const continuousGap = 2;

/** Opens a stream's network side: through the ingress, or by ffmpeg where the protocol is its own. */
export async function openStream(url: StreamUrl, options: IngressOptions): Promise<SessionSource> {
  if (streamSchemes[url.scheme] === 'ingress') return fromIngress(await openIngress(url, options));
  refuseHeight(options);
  if (!listens(url)) await refuseForbiddenHost(url.hostname, options.allowedRanges);
  return once({ source: { url }, expectedGap: continuousGap, live: true, ...sight.unseen }, false);
}

/** An SRT listener connects to nobody. */
function listens({ scheme, hostname, query }: StreamUrl): boolean {
  return scheme === 'srt' && (hostname === '' || query.get('mode') === 'listener');
}

/** Opens a local file or playlist. */
export async function openFile(path: string, options: IngressOptions): Promise<SessionSource> {
  if (await needsIngress(path)) return fromIngress(await openFileIngress(path, options));
  refuseHeight(options);
  return once({ source: { file: path }, expectedGap: continuousGap, live: false, ...sight.unseen }, true);
}

function fromIngress(ingress: Ingress): SessionSource {
  return {
    next: async () => {
      const session = await ingress.next();
      if (!session) return undefined;
      const { inputs, ...facts } = session;
      const container = inputs.find(({ format }) => format)?.format;
      return { ...facts, source: { inputs }, ...(container && { container }) };
    },
    close: () => ingress.close(),
  };
}

/** A source of one session; a finite one is over after it, another is opened again by the watcher. */
function once(session: MediaSession, finite: boolean): SessionSource {
  let given = false;
  return {
    next: async () => {
      if (!given) {
        given = true;
        return session;
      }
      if (finite) return undefined;
      throw new IngressError('SenderStopped', 'the sender closed the connection');
    },
    close: () => {},
  };
}
