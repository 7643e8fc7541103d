import type { LiveCluster } from './live-cluster.ts';
import type { LiveNamespace } from './live-namespace.ts';
import { type LivePicture, startLivePicture } from './senders.ts';

/** A stream called `freezing` that stands still, with an incident that is open and was told. */
export interface WatchedFreeze {
  readonly there: LiveNamespace;
  readonly picture: LivePicture;
  /** Of the incident. */
  readonly id: string;
  /** `spec.streams`. */
  readonly streams: readonly { readonly name: string; readonly url: string }[];
}

/**
 * Has a StreamMonitor watch a stream until it stands still and that is told.
 * @param good URLs of more streams, by name
 * @param atEnd takes what ends it
 * @param spec more of the StreamMonitor's spec
 */
export async function watchFreeze(
  live: LiveCluster,
  namespace: string,
  good: Readonly<Record<string, string>>,
  atEnd: (stop: () => Promise<void>) => void,
  spec: object = {},
): Promise<WatchedFreeze> {
  const there = await live.namespace(namespace);
  const picture = await startLivePicture();
  atEnd(async () => {
    await Promise.all([there.stop(), picture.stop()]);
  });
  const urls = { freezing: picture.url, ...good };
  const streams = Object.entries(urls).map(([name, url]) => ({ name, url }));
  await there.write({ streams, ...spec });
  await there.watched(Object.keys(urls));
  picture.freeze(true);
  const opened = await there.toldOf('opened');
  return { there, picture, id: opened.data.incident.id, streams };
}
