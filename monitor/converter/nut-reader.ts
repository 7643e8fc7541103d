import { Fields, NeedsMoreBytes, NutError, needsMoreBytes } from './nut-fields.ts';
import { type FrameCode, flag, readFrameCodes } from './nut-frame-codes.ts';

/** What a NUT stream header says; `width` and `height` for video, `sampleRate` and `channels` for audio. */
export type NutStream =
  | { readonly type: 'video'; readonly width: number; readonly height: number }
  | { readonly type: 'audio'; readonly sampleRate: number; readonly channels: number };

/** Where a reader puts what it finds. */
export interface NutSink {
  /** Called once, before the first packet. */
  onStream(stream: NutStream): void;
  /** Where the payload of the next packet goes: at least `size` bytes, used until `onPacket`. */
  target(size: number): Uint8Array;
  /** A whole packet lies in the target. `pts` in seconds. */
  onPacket(pts: number, size: number): void;
}

const fileId = Buffer.from('nut/multimedia container\0', 'latin1');
const startCodes = {
  main: 0x4e4d7a561f5f04adn,
  stream: 0x4e5311405bf2f9dbn,
  syncpoint: 0x4e4be4adeeca4569n,
  index: 0x4e58dd672f23e64en,
  info: 0x4e49ab68b596ba78n,
} as const;
/** Larger headers than ffmpeg writes for one raw stream; a bound for hostile input. */
const largestHeader = 65_536;
/** What is left of a payload is not worth a read of its own below this many bytes. */
const shortestRest = 8192;
/** One 8K frame in RGB; a bound for hostile input. */
const largestPacket = 7680 * 4320 * 3;

/**
 * Reads NUT as ffmpeg muxes it, one stream a container, straight from a socket: payloads are copied once, to
 * where the sink wants them. The format is the NUT Open Container Format specification, versions 3 and 4.
 */
export class NutReader {
  readonly #sink: NutSink;
  #pending: Buffer = Buffer.alloc(0);
  #identified = false;
  #timeBases: { readonly numerator: number; readonly denominator: number }[] = [];
  #frameCodes: (FrameCode | undefined)[] = [];
  #elisionHeaders: Buffer[] = [];
  #timeBaseIndex = 0;
  #msbPtsShift = 0;
  #lastPts = 0;
  #stream: NutStream | undefined;
  #packet: { target: Uint8Array; filled: number; size: number; pts: number } | undefined;

  constructor(sink: NutSink) {
    this.#sink = sink;
  }

  /** @throws NutError when the bytes are not NUT; the reader is of no use afterwards */
  write(chunk: Buffer): void {
    let bytes = chunk;
    if (!this.#packet && this.#pending.length > 0) {
      bytes = Buffer.concat([this.#pending, chunk]);
      this.#pending = Buffer.alloc(0);
    }
    let position = 0;
    while (position < bytes.length) {
      if (this.#packet) {
        position += this.#fill(bytes, position);
        continue;
      }
      const fields = new Fields(bytes.subarray(position));
      try {
        this.#readHeader(fields);
      } catch (error) {
        if (!(error instanceof NeedsMoreBytes)) throw error;
        if (fields.bytes.length > largestHeader) throw new NutError('a header is too long');
        this.#pending = Buffer.from(fields.bytes);
        return;
      }
      position += fields.position;
      if (this.#packet) position += this.#fill(bytes, position);
    }
  }

  /** Where the rest of a payload can be read to, without a copy; then `filled` is called instead of `write`. */
  rest(): Uint8Array | undefined {
    const packet = this.#packet;
    if (!packet || packet.size - packet.filled < shortestRest) return undefined;
    return packet.target.subarray(packet.filled, packet.size);
  }

  /** So many bytes lie where `rest` said. */
  filled(length: number): void {
    const packet = this.#packet!;
    packet.filled += length;
    if (packet.filled < packet.size) return;
    this.#packet = undefined;
    this.#sink.onPacket(packet.pts, packet.size);
  }

  #fill(bytes: Buffer, position: number): number {
    const packet = this.#packet!;
    const length = Math.min(packet.size - packet.filled, bytes.length - position);
    packet.target.set(bytes.subarray(position, position + length), packet.filled);
    this.filled(length);
    return length;
  }

  #readHeader(fields: Fields): void {
    if (!this.#identified) {
      if (fields.bytes.length < fileId.length) throw needsMoreBytes;
      if (!fields.bytes.subarray(0, fileId.length).equals(fileId))
        throw new NutError('the NUT file id is missing');
      fields.skip(fileId.length);
      this.#identified = true;
      return;
    }
    // Every start code begins with 'N', which is no frame code.
    if (fields.bytes[0] === 0x4e) this.#readStructure(fields);
    else this.#readFrame(fields);
  }

  #readStructure(fields: Fields): void {
    if (fields.bytes.length < 8) throw needsMoreBytes;
    const startCode = fields.bytes.readBigUInt64BE(0);
    fields.skip(8);
    const length = fields.unsigned();
    if (length > largestHeader) throw new NutError('a structure is too long');
    if (length > 4096) fields.skip(4);
    const from = fields.position;
    fields.skip(length);
    const body = new Fields(fields.bytes.subarray(from, from + length - 4));
    try {
      if (startCode === startCodes.main) this.#readMainHeader(body);
      else if (startCode === startCodes.stream) this.#readStreamHeader(body);
      else if (startCode === startCodes.syncpoint) this.#readSyncpoint(body);
      else if (startCode !== startCodes.info && startCode !== startCodes.index) {
        throw new NutError('an unknown start code');
      }
    } catch (error) {
      if (error instanceof NeedsMoreBytes) throw new NutError('a structure is shorter than its fields');
      throw error;
    }
  }

  #readMainHeader(fields: Fields): void {
    const version = fields.unsigned();
    if (version !== 3 && version !== 4) throw new NutError(`version ${version}`);
    if (version > 3) fields.unsigned();
    const streams = fields.unsigned();
    if (streams !== 1) throw new NutError(`${streams} streams where one is expected`);
    fields.unsigned();
    const timeBaseCount = fields.unsigned();
    this.#timeBases = [];
    for (let index = 0; index < timeBaseCount; index++) {
      const numerator = fields.unsigned();
      const denominator = fields.unsigned();
      if (numerator === 0 || denominator === 0) throw new NutError('a time base of zero');
      this.#timeBases.push({ numerator, denominator });
    }
    this.#frameCodes = readFrameCodes(fields);
    this.#elisionHeaders = [Buffer.alloc(0)];
    const elisionHeaders = fields.unsigned();
    for (let index = 0; index < elisionHeaders; index++)
      this.#elisionHeaders.push(Buffer.from(fields.blob()));
  }

  #readStreamHeader(fields: Fields): void {
    fields.unsigned();
    const streamClass = fields.unsigned();
    fields.blob();
    this.#timeBaseIndex = fields.unsigned();
    if (!this.#timeBases[this.#timeBaseIndex]) throw new NutError('a stream without a time base');
    this.#msbPtsShift = fields.unsigned();
    if (this.#msbPtsShift > 40) throw new NutError('an impossible timestamp width');
    fields.unsigned();
    fields.unsigned();
    fields.unsigned();
    fields.blob();
    const stream = readStream(streamClass, fields);
    // The headers are repeated now and then; only the first says something new.
    if (this.#stream) return;
    this.#stream = stream;
    this.#sink.onStream(stream);
  }

  #readSyncpoint(fields: Fields): void {
    const coded = fields.unsigned();
    const syncBase = this.#timeBases[coded % this.#timeBases.length];
    const base = this.#timeBases[this.#timeBaseIndex];
    if (!syncBase || !base) throw new NutError('a syncpoint before the headers');
    const seconds = (Math.floor(coded / this.#timeBases.length) * syncBase.numerator) / syncBase.denominator;
    this.#lastPts = Math.floor((seconds * base.denominator) / base.numerator + 1e-6);
  }

  #readFrame(fields: Fields): void {
    if (!this.#stream) throw new NutError('a frame before the headers');
    const code = this.#frameCodes[fields.byte()];
    if (!code) throw new NutError('an invalid frame code');
    let flags = code.flags;
    if (flags & flag.coded) flags ^= fields.unsigned();
    if (flags & flag.invalid) throw new NutError('an invalid frame');
    if (flags & flag.streamId && fields.unsigned() !== 0) throw new NutError('a frame of an unknown stream');
    const pts = flags & flag.codedPts ? this.#fullPts(fields.unsigned()) : this.#lastPts + code.ptsDelta;
    let size = code.sizeLsb;
    if (flags & flag.sizeMsb) size += code.sizeMultiplier * fields.unsigned();
    if (flags & flag.matchTime) fields.signed();
    const headerIndex = flags & flag.headerIndex ? fields.unsigned() : code.headerIndex;
    let reserved = code.reserved;
    if (flags & flag.reserved) reserved = fields.unsigned();
    for (let index = 0; index < reserved; index++) fields.unsigned();
    if (flags & flag.checksum) fields.skip(4);
    if (flags & flag.sideData) throw new NutError('side data in a raw stream');
    if (size > largestPacket) throw new NutError('a packet is too large');
    const elided = this.#elisionHeaders[headerIndex];
    if (!elided || elided.length > size) throw new NutError('a packet is shorter than its elided header');
    this.#lastPts = pts;
    this.#begin(pts, size, elided);
  }

  #begin(pts: number, size: number, elided: Buffer): void {
    const base = this.#timeBases[this.#timeBaseIndex]!;
    const seconds = (pts * base.numerator) / base.denominator;
    const target = this.#sink.target(size);
    target.set(elided);
    if (size === elided.length) this.#sink.onPacket(seconds, size);
    else this.#packet = { target, filled: elided.length, size, pts: seconds };
  }

  /** Least significant bits of a timestamp near the last one, or a whole one. */
  #fullPts(coded: number): number {
    const range = 2 ** this.#msbPtsShift;
    if (coded >= range) return coded - range;
    const lowest = this.#lastPts - Math.floor((range - 1) / 2);
    return lowest + ((((coded - lowest) % range) + range) % range);
  }
}

function readStream(streamClass: number, fields: Fields): NutStream {
  if (streamClass === 0) {
    const width = fields.unsigned();
    const height = fields.unsigned();
    if (width === 0 || height === 0) throw new NutError('a picture without a size');
    return { type: 'video', width, height };
  }
  if (streamClass === 1) {
    const numerator = fields.unsigned();
    const denominator = fields.unsigned();
    const channels = fields.unsigned();
    if (numerator === 0 || denominator === 0 || channels === 0)
      throw new NutError('audio without a rate or channels');
    return { type: 'audio', sampleRate: numerator / denominator, channels };
  }
  throw new NutError('neither video nor audio');
}
