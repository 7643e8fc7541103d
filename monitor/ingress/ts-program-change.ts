import { packetBytes } from './ts-packets.ts';
import type { ElementaryStream } from './ts-program.ts';

/** Where the programme changed in the bytes that were written last: other tracks, or other codecs. */
export interface ProgramChange {
  /** Bytes before the packet that says so. */
  readonly before: number;
  /** The tables of the new programme, as packets, and where the stream goes on behind them. */
  readonly tables: Buffer;
  readonly after: number;
}

/** Tells when a programme has other tracks or codecs than before, and what a decoder needs to begin anew there. */
export class ProgramChanges {
  #associationPacket = Buffer.alloc(0);
  /** Tracks of the watched programme, with their types. */
  #tracks: string | undefined;

  /** The packet that ends a programme association. */
  association(packet: Buffer): void {
    this.#associationPacket = Buffer.from(packet);
  }

  /** Whether the streams of a programme map are others than those of the map before. */
  map(streams: readonly ElementaryStream[]): boolean {
    const watched = streams.filter(({ track }) => track !== 'other');
    if (watched.length === 0) return false;
    const before = this.#tracks;
    this.#tracks = watched.map(({ pid, type }) => `${pid} ${type}`).join();
    return before !== undefined && before !== this.#tracks;
  }

  /** The change that a packet of the programme map tells; `after` is where the chunk goes on behind it. */
  change(packet: Buffer, after: number): ProgramChange {
    const tables = Buffer.concat([this.#associationPacket, packet]);
    return { before: Math.max(0, after - packetBytes), tables, after };
  }
}
