import { IngressError } from '../ingress.ts';

/**
 * The keys that a user supplies for a stream: one for whatever is encrypted, or several by key ID. Printing or
 * logging it shows nothing of them.
 */
export class ContentKeys {
  readonly #only: Buffer | undefined;
  readonly #byId: ReadonlyMap<string, Buffer>;

  private constructor(only: Buffer | undefined, byId: ReadonlyMap<string, Buffer>) {
    this.#only = only;
    this.#byId = byId;
  }

  /**
   * Reads `KEY`, or one `KEYID:KEY` a line, each of 32 hexadecimal digits (key IDs may be written as UUIDs).
   * @throws TypeError with a sentence for a person, free of keys
   */
  static parse(text: string): ContentKeys {
    const byId = new Map<string, Buffer>();
    let only: Buffer | undefined;
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    if (lines.length === 0) throw new TypeError('is empty; write a key of 32 hexadecimal digits');
    for (const [index, line] of lines.entries()) {
      const match = /^(?:([0-9a-f]{32}):)?([0-9a-f]{32})$/i.exec(line.trim().replaceAll('-', ''));
      const alone = lines.length === 1;
      if (!match || (match[1] === undefined && !alone)) {
        const form = alone ? 'a key of 32 hexadecimal digits' : '"KEYID:KEY", each of 32 hexadecimal digits';
        throw new TypeError(`line ${index + 1} is not ${form}`);
      }
      const key = Buffer.from(match[2]!, 'hex');
      if (match[1] === undefined) only = key;
      else byId.set(match[1].toLowerCase(), key);
    }
    return new ContentKeys(only, byId);
  }

  /**
   * @param keyId in hexadecimal digits; absent where the stream names none
   * @throws IngressError WrongKey when none of the keys is for this ID
   */
  keyFor(keyId?: string): Buffer {
    const key = this.#only ?? (keyId === undefined ? [...this.#byId.values()][0] : this.#byId.get(keyId));
    if (key) return key;
    throw new IngressError('WrongKey', `none of the keys of decryption.keyFrom is for the key ID ${keyId}`);
  }
}
