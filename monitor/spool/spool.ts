import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { chooseDrops, type Importance, type Weighed } from './drop-policy.ts';
import { decodeItem, encodeItem, type ItemContent } from './item-file.ts';
import { syncDirectory } from './sync-directory.ts';

/** An item that waits for its acknowledgement. */
export interface SpoolItem extends Weighed {
  readonly sink: string;
  readonly key: string;
  readonly meta: unknown;
}

/** Where a spool is, and how much it may hold. */
export interface SpoolOptions {
  readonly directory: string;
  /** Cap on all items together, in bytes; what is set aside has a tenth of it on top. */
  readonly maximumBytes: number;
  readonly logger: Logger;
}

const itemName = /^(\d{12})\.item$/;
const asideName = 'aside';

/**
 * Items on disk until their sink acknowledges them: one file each, there when `add` returns, so that a killed
 * process loses none. A file is written under another name and renamed, so that it is whole or absent. Incidents
 * and their updates are also synced to the disk with their directory entry, and survive a power cut; summaries
 * and pictures survive the death of the process only, and cost no sync.
 */
export class Spool {
  readonly #directory: string;
  readonly #maximumBytes: number;
  readonly #logger: Logger;
  readonly #items = new Map<number, SpoolItem>();
  readonly #byKey = new Map<string, SpoolItem>();
  /** Items that the disk would not take: delivered from memory rather than not at all. */
  readonly #unwritten = new Map<number, Buffer>();
  readonly #dropListeners: ((item: SpoolItem) => void)[] = [];
  #nextOrder = 1;
  #bytes = 0;

  /**
   * Opens a spool directory, which one process may do at a time, with what an earlier process left in it.
   * Damaged items are moved to `aside/` and named in the log.
   * @throws Error when the directory cannot be made or read
   */
  constructor({ directory, maximumBytes, logger }: SpoolOptions) {
    this.#directory = directory;
    this.#maximumBytes = maximumBytes;
    this.#logger = logger;
    mkdirSync(join(directory, asideName), { recursive: true });
    for (const name of readdirSync(directory).sort()) this.#recover(name);
  }

  /** Bytes of all waiting items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Items of a sink that wait, in the order in which they were added. */
  pending(sink: string): SpoolItem[] {
    return [...this.#items.values()].filter((item) => item.sink === sink).sort((a, b) => a.order - b.order);
  }

  /** Whether an item still waits. */
  holds(item: SpoolItem): boolean {
    return this.#items.has(item.order);
  }

  /** Calls back with each item that is given up because the spool is full. */
  onDrop(listener: (item: SpoolItem) => void): void {
    this.#dropListeners.push(listener);
  }

  /** Keeps an item, or finds the one that waits under its key; `undefined` when the spool is full of better. */
  add(content: ItemContent): SpoolItem | undefined {
    const { sink, key, importance, meta } = content;
    const waiting = this.#byKey.get(fullKey(content));
    if (waiting) return waiting;
    const bytes = encodeItem(content);
    const item: SpoolItem = { order: this.#nextOrder++, sink, key, importance, meta, bytes: bytes.length };
    const admitted = this.#admit(item);
    if (admitted) this.#store(item, bytes);
    return admitted;
  }

  /** Gives a waiting item another body; it keeps its place. `undefined` when there is no room for that. */
  amend(item: SpoolItem, body: Buffer): SpoolItem | undefined {
    if (!this.#items.has(item.order)) return undefined;
    const bytes = encodeItem({ ...item, body });
    if (this.#bytes - item.bytes + bytes.length > this.#maximumBytes) return undefined;
    const amended: SpoolItem = { ...item, bytes: bytes.length };
    this.#forget(item);
    this.#remember(amended);
    this.#store(amended, bytes);
    return amended;
  }

  /**
   * The body of a waiting item.
   * @throws Error when it cannot be read any more
   */
  async read(item: SpoolItem): Promise<Buffer> {
    return decodeItem(this.#unwritten.get(item.order) ?? (await readFile(this.#path(item)))).body;
  }

  /** The item is delivered. A file that cannot be removed is delivered again by the next process. */
  acknowledge(item: SpoolItem): void {
    if (this.#forget(item)) this.#remove(item);
  }

  /** The item cannot be delivered: it waits no more, and its file is kept for a person to look at. */
  setAside(item: SpoolItem): void {
    if (this.#forget(item)) this.#moveAside(fileName(item.order));
  }

  /** Makes room, by giving up the least important. */
  #admit(item: SpoolItem): SpoolItem | undefined {
    const fits = this.#bytes + item.bytes <= this.#maximumBytes;
    const drops = fits ? [] : chooseDrops([...this.#items.values()], item, this.#maximumBytes);
    this.#remember(item);
    for (const drop of drops) this.#drop(drop);
    return drops.includes(item) ? undefined : item;
  }

  #store(item: SpoolItem, bytes: Buffer): void {
    try {
      this.#write(item, bytes);
    } catch (error) {
      this.#unwritten.set(item.order, bytes);
      const { sink, key } = item;
      this.#logger.error(
        { code: codeOf(error), sink, key },
        'spool cannot be written; the item is kept in memory',
      );
    }
  }

  #write(item: SpoolItem, bytes: Buffer): void {
    const path = this.#path(item);
    const synced = isSynced(item.importance);
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeFileSync(file, bytes);
      if (synced) fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    if (synced) syncDirectory(this.#directory);
  }

  #drop(item: SpoolItem): void {
    const { sink, key, importance, bytes } = item;
    this.#forget(item);
    this.#remove(item);
    this.#logger.error({ sink, key, importance, bytes }, 'spool is full; an item is given up');
    for (const listener of this.#dropListeners) listener(item);
  }

  #remember(item: SpoolItem): void {
    this.#items.set(item.order, item);
    this.#byKey.set(fullKey(item), item);
    this.#bytes += item.bytes;
  }

  #forget({ order }: SpoolItem): boolean {
    const item = this.#items.get(order);
    if (!item) return false;
    this.#items.delete(order);
    this.#byKey.delete(fullKey(item));
    this.#unwritten.delete(order);
    this.#bytes -= item.bytes;
    return true;
  }

  #remove({ order, sink, key }: SpoolItem): void {
    try {
      rmSync(join(this.#directory, fileName(order)), { force: true });
    } catch (error) {
      this.#logger.error({ code: codeOf(error), sink, key }, 'spool item cannot be removed');
    }
  }

  #recover(name: string): void {
    // A file that was never renamed was never promised to anybody.
    if (name.endsWith('.new')) rmSync(join(this.#directory, name), { force: true });
    const order = Number(itemName.exec(name)?.[1]);
    if (!order) return;
    this.#nextOrder = Math.max(this.#nextOrder, order + 1);
    try {
      const bytes = readFileSync(join(this.#directory, name));
      const { sink, key, importance, meta } = decodeItem(bytes);
      this.#remember({ order, sink, key, importance, meta, bytes: bytes.length });
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unreadable';
      this.#logger.error({ file: name, reason }, 'spool item is damaged; set aside');
      this.#moveAside(name);
    }
  }

  #moveAside(name: string): void {
    const aside = join(this.#directory, asideName);
    try {
      renameSync(join(this.#directory, name), join(aside, `${Date.now()}-${name}`));
      this.#trimAside(aside);
    } catch (error) {
      this.#logger.error({ code: codeOf(error), file: name }, 'spool item cannot be set aside');
    }
  }

  #trimAside(aside: string): void {
    let room = this.#maximumBytes / 10;
    for (const name of readdirSync(aside).sort().reverse()) {
      const path = join(aside, name);
      room -= statSync(path).size;
      if (room >= 0) continue;
      this.#logger.warn({ file: name }, 'the oldest item set aside is removed to make room');
      rmSync(path, { force: true });
    }
  }

  #path(item: SpoolItem): string {
    return join(this.#directory, fileName(item.order));
  }
}

function fileName(order: number): string {
  return `${String(order).padStart(12, '0')}.item`;
}

function fullKey({ sink, key }: { readonly sink: string; readonly key: string }): string {
  return `${sink}\n${key}`;
}

function isSynced(importance: Importance): boolean {
  return importance === 'incident' || importance === 'update';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
