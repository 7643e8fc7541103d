export const packetBytes = 188;
const syncByte = 0x47;
/** One packet alone is no evidence that there was any sync. */
const packetsInSync = 3;

/** What becomes of sync: one wrong byte in a stream that goes on, or packets that are no longer where they were. */
export type SyncFault = 'sync-byte' | 'sync-loss';

/** `next` is where the chunk that was written last goes on behind the packet. */
type EachPacket = (data: Buffer, at: number, next: number) => void;

/**
 * Cuts bytes, which chunks may divide anywhere, into packets by their sync bytes. Two wrong ones in a row are a loss
 * of sync, one is not (ETSI TR 101 290 §5.2.1).
 */
export class TsPackets {
  readonly #each: EachPacket;
  readonly #tell: (fault: SyncFault) => void;
  readonly #rest = Buffer.alloc(packetBytes);
  #restBytes = 0;
  /** Packets since sync was found. */
  #inSync = 0;
  #wrong = false;
  /** Bytes still to come of a packet with a wrong sync byte. */
  #passed = 0;

  constructor(each: EachPacket, tell: (fault: SyncFault) => void) {
    this.#each = each;
    this.#tell = tell;
  }

  /** What comes next does not go on from what came. */
  restart(): void {
    this.#restBytes = 0;
    this.#inSync = 0;
    this.#wrong = false;
    this.#passed = 0;
  }

  write(chunk: Buffer): void {
    let offset = this.#begin(chunk);
    while (offset < chunk.length) {
      if (chunk[offset] !== syncByte) {
        offset = this.#pass(chunk, offset);
      } else if (offset + packetBytes > chunk.length) {
        chunk.copy(this.#rest, 0, offset);
        this.#restBytes = chunk.length - offset;
        return;
      } else {
        this.#packet(chunk, offset, offset + packetBytes);
        offset += packetBytes;
      }
    }
  }

  /** Ends what the chunk before left, and returns where the next packet starts. */
  #begin(chunk: Buffer): number {
    if (this.#passed > 0) {
      const passed = Math.min(this.#passed, chunk.length);
      this.#passed -= passed;
      return passed;
    }
    if (this.#restBytes === 0) return 0;
    const missing = Math.min(packetBytes - this.#restBytes, chunk.length);
    chunk.copy(this.#rest, this.#restBytes, 0, missing);
    this.#restBytes += missing;
    if (this.#restBytes === packetBytes) {
      this.#restBytes = 0;
      this.#packet(this.#rest, 0, missing);
    }
    return missing;
  }

  #packet(data: Buffer, at: number, next: number): void {
    this.#inSync++;
    this.#wrong = false;
    this.#each(data, at, next);
  }

  /** Passes over a packet with a wrong sync byte, or over all that belongs to none. */
  #pass(chunk: Buffer, offset: number): number {
    const next = offset + packetBytes;
    const alone = !this.#wrong && (next >= chunk.length || chunk[next] === syncByte);
    if (this.#inSync >= packetsInSync) {
      this.#tell(alone ? 'sync-byte' : 'sync-loss');
      if (alone) {
        this.#wrong = true;
        this.#passed = Math.max(0, next - chunk.length);
        return next;
      }
    }
    this.#inSync = 0;
    this.#wrong = false;
    return findSync(chunk, offset + 1);
  }
}

/** Position of the next packet: a sync byte with another one packet later, as far as can be seen. */
function findSync(data: Buffer, from: number): number {
  for (let at = data.indexOf(syncByte, from); at >= 0; at = data.indexOf(syncByte, at + 1)) {
    if (at + packetBytes >= data.length || data[at + packetBytes] === syncByte) return at;
  }
  return data.length;
}
