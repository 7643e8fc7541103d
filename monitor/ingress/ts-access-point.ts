/** Codecs whose access units can be told apart without decoding. */
export type VideoCodec = 'mpeg2' | 'h264' | 'hevc' | 'other';

/** Packets of one picture that are searched: parameter sets and SEI come before the first slice. */
const mostPackets = 16;

/**
 * Looks for a random access point at the start of one picture: H.264 an IDR slice or a sequence parameter set
 * (ITU-T H.264 §7.4.1, NAL types 5 and 7), HEVC an IRAP picture (ITU-T H.265 §7.4.2.2, types 16 … 23), MPEG-2 a
 * sequence header (ITU-T H.262 §6.2.2.1).
 */
export class AccessPointScan {
  readonly #codec: VideoCodec;
  /** The last three bytes: start codes can be cut by packets. */
  #window = 0xffffff;
  #packets = 0;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  read(data: Buffer, from: number, to: number): 'access-point' | 'other-picture' | 'searching' {
    if (this.#codec === 'other') return 'other-picture';
    let window = this.#window;
    for (let at = from; at < to; at++) {
      const byte = data[at]!;
      if (window === 0x000001) {
        const found = this.#unit(byte);
        if (found !== 'searching') return found;
      }
      window = ((window << 8) | byte) & 0xffffff;
    }
    this.#window = window;
    this.#packets++;
    return this.#packets < mostPackets ? 'searching' : 'other-picture';
  }

  #unit(header: number): 'access-point' | 'other-picture' | 'searching' {
    if (this.#codec === 'h264') {
      const type = header & 0x1f;
      if (type === 5 || type === 7) return 'access-point';
      return type >= 1 && type <= 4 ? 'other-picture' : 'searching';
    }
    if (this.#codec === 'hevc') {
      const type = (header >> 1) & 0x3f;
      if (type >= 16 && type <= 23) return 'access-point';
      return type < 32 ? 'other-picture' : 'searching';
    }
    if (header === 0xb3) return 'access-point';
    return header === 0x00 ? 'other-picture' : 'searching';
  }
}

/** The codec of a picture by its first start code: an access unit delimiter of H.264 or HEVC, or an MPEG-2 header. */
export function guessCodec(data: Buffer, from: number, to: number): VideoCodec {
  let at = from;
  while (at < to && data[at] === 0) at++;
  if (at - from < 2 || at + 2 >= to || data[at] !== 1) return 'other';
  const header = data[at + 1]!;
  if (header === 0x09) return 'h264';
  if (header === 0x46) return 'hevc';
  return header === 0xb3 || header === 0x00 ? 'mpeg2' : 'other';
}
