import sharp from 'sharp';
import type { Picture, StreamIdentity, WatchEvent } from '../watch/watch-event.ts';

/** Good enough for a tile, and a third of the bytes of sharp's default of 80. */
const quality = 70;

/** The newest picture of each stream, as JPEG. Encoded when somebody looks: a page that nobody opens costs nothing. */
export class Thumbnails {
  readonly #pictures = new Map<string, { readonly picture: Picture; jpeg?: Promise<Buffer> }>();

  consume(identity: StreamIdentity, event: WatchEvent): void {
    if (event.type === 'preview') this.#pictures.set(keyOf(identity), { picture: event.picture });
  }

  removeStream(identity: StreamIdentity): void {
    this.#pictures.delete(keyOf(identity));
  }

  /** The newest picture; `undefined` before the first. */
  async get(identity: StreamIdentity): Promise<Buffer | undefined> {
    const entry = this.#pictures.get(keyOf(identity));
    if (!entry) return undefined;
    entry.jpeg ??= encode(entry.picture);
    return entry.jpeg;
  }
}

function encode({ width, height, channels, data }: Picture): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels } }).jpeg({ quality }).toBuffer();
}

function keyOf({ namespace, monitor, stream }: StreamIdentity): string {
  return `${namespace}/${monitor}/${stream}`;
}
