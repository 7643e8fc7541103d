import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { chooseDrops, type Importance, type Weighed } from './drop-policy.ts';
import { decodeItem, encodeItem, type ItemContent } from './item-file.ts';

/** An item that waits for its acknowledgement. */
export interface SpoolItem extends Weighed {
  readonly sink: string;
  readonly key: string;
  readonly meta: unknown;
}

export interface SpoolOptions {
  readonly directory: string;
  /** Cap on all items together, in bytes; what is set aside has a tenth of it on top. */
  readonly maximumBytes: number;
  readonly logger: Logger;
}

const itemName = /^(\d{12})\.item$/;
const asideName = 'aside';

/**
 * Items on disk until their sink acknowledges them: one file each, so that a killed process loses none that
 * `add` has resolved for. A file is written under another name and renamed, so that it is whole or absent.
 * Incidents and their updates are also synced to the disk with their directory entry before `add` resolves, and
 * survive a power cut; summaries and pictures survive the death of the process only, and cost no sync.
 */
export class Spool {
  readonly #directory: string;
  readonly #maximumBytes: number;
  readonly #logger: Logger;
  readonly #items = new Map<number, SpoolItem>();
  readonly #additions = new Map<string, Promise<SpoolItem | undefined>>();
  /** Items that the disk would not take: delivered from memory rather than not at all. */
  readonly #unwritten = new Map<number, Buffer>();
  readonly #dropListeners: ((item: SpoolItem) => void)[] = [];
  #nextOrder = 1;
  #bytes = 0;

  private constructor({ directory, maximumBytes, logger }: SpoolOptions) {
    this.#directory = directory;
    this.#maximumBytes = maximumBytes;
    this.#logger = logger;
  }

  /**
   * Opens a spool directory, which one process may do at a time, with what an earlier process left in it.
   * Damaged items are moved to `aside/` and named in the log.
   * @throws Error when the directory cannot be made or read
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options);
    await mkdir(join(options.directory, asideName), { recursive: true });
    const names = (await readdir(options.directory)).sort();
    for (const name of names) await spool.#recover(name);
    return spool;
  }

  /** Bytes of all waiting items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Items of a sink that wait, in the order in which they were added. */
  pending(sink: string): SpoolItem[] {
    return [...this.#items.values()].filter((item) => item.sink === sink).sort((a, b) => a.order - b.order);
  }

  /** Calls back with each item that is given up because the spool is full. */
  onDrop(listener: (item: SpoolItem) => void): void {
    this.#dropListeners.push(listener);
  }

  /** Keeps an item; `undefined` when the spool is full of more important ones. Never rejects. */
  add(content: ItemContent): Promise<SpoolItem | undefined> {
    const key = `${content.sink}\n${content.key}`;
    const earlier = this.#additions.get(key);
    if (earlier) return earlier;
    const addition = this.#add(content);
    this.#additions.set(key, addition);
    return addition;
  }

  /**
   * The body of a waiting item.
   * @throws Error when it cannot be read any more
   */
  async read(item: SpoolItem): Promise<Buffer> {
    return decodeItem(this.#unwritten.get(item.order) ?? (await readFile(this.#path(item)))).body;
  }

  /** The item is delivered. A file that cannot be removed is delivered again by the next process. */
  async acknowledge(item: SpoolItem): Promise<void> {
    if (this.#forget(item)) await this.#remove(item);
  }

  /** The item cannot be delivered: it waits no more, and its file is kept for a person to look at. */
  async setAside(item: SpoolItem): Promise<void> {
    if (this.#forget(item)) await this.#moveAside(fileName(item.order));
  }

  async #add(content: ItemContent): Promise<SpoolItem | undefined> {
    const bytes = encodeItem(content);
    const { sink, key, importance, meta } = content;
    const item: SpoolItem = { order: this.#nextOrder++, sink, key, importance, meta, bytes: bytes.length };
    const drops = chooseDrops([...this.#items.values()], item, this.#maximumBytes);
    this.#items.set(item.order, item);
    this.#bytes += item.bytes;
    for (const drop of drops) this.#drop(drop);
    if (!this.#items.has(item.order)) return undefined;
    try {
      await this.#write(item, bytes, importance);
    } catch (error) {
      this.#unwritten.set(item.order, bytes);
      this.#logger.error(
        { code: codeOf(error), sink, key },
        'spool cannot be written; the item is kept in memory',
      );
    }
    // It may have been dropped while it was being written.
    if (this.#items.has(item.order)) return item;
    this.#unwritten.delete(item.order);
    await this.#remove(item);
    return undefined;
  }

  async #write(item: SpoolItem, bytes: Buffer, importance: Importance): Promise<void> {
    const path = this.#path(item);
    const synced = importance === 'incident' || importance === 'update';
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      if (synced) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    if (synced) await syncDirectory(this.#directory);
  }

  #drop(item: SpoolItem): void {
    const { sink, key, importance, bytes } = item;
    this.#forget(item);
    this.#logger.error({ sink, key, importance, bytes }, 'spool is full; an item is given up');
    void this.#remove(item);
    for (const listener of this.#dropListeners) listener(item);
  }

  #forget(item: SpoolItem): boolean {
    if (!this.#items.delete(item.order)) return false;
    this.#additions.delete(`${item.sink}\n${item.key}`);
    this.#unwritten.delete(item.order);
    this.#bytes -= item.bytes;
    return true;
  }

  async #remove({ order, sink, key }: SpoolItem): Promise<void> {
    try {
      await rm(join(this.#directory, fileName(order)), { force: true });
    } catch (error) {
      this.#logger.error({ code: codeOf(error), sink, key }, 'spool item cannot be removed');
    }
  }

  async #recover(name: string): Promise<void> {
    const path = join(this.#directory, name);
    const order = Number(itemName.exec(name)?.[1]);
    // A file that was never renamed was never promised to anybody.
    if (name.endsWith('.new')) await rm(path, { force: true });
    if (!order) return;
    this.#nextOrder = Math.max(this.#nextOrder, order + 1);
    try {
      const bytes = await readFile(path);
      const { sink, key, importance, meta } = decodeItem(bytes);
      const item: SpoolItem = { order, sink, key, importance, meta, bytes: bytes.length };
      this.#items.set(order, item);
      this.#additions.set(`${sink}\n${key}`, Promise.resolve(item));
      this.#bytes += item.bytes;
    } catch (error) {
      this.#logger.error({ file: name, err: error }, 'spool item is damaged; set aside');
      await this.#moveAside(name);
    }
  }

  async #moveAside(name: string): Promise<void> {
    const aside = join(this.#directory, asideName);
    try {
      await rename(join(this.#directory, name), join(aside, `${Date.now()}-${name}`));
      await this.#trimAside(aside);
    } catch (error) {
      this.#logger.error({ code: codeOf(error), file: name }, 'spool item cannot be set aside');
    }
  }

  async #trimAside(aside: string): Promise<void> {
    let room = this.#maximumBytes / 10;
    for (const name of (await readdir(aside)).sort().reverse()) {
      const path = join(aside, name);
      room -= (await stat(path)).size;
      if (room >= 0) continue;
      this.#logger.warn({ file: name }, 'the oldest item set aside is removed to make room');
      await rm(path, { force: true });
    }
  }

  #path(item: SpoolItem): string {
    return join(this.#directory, fileName(item.order));
  }
}

function fileName(order: number): string {
  return `${String(order).padStart(12, '0')}.item`;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
