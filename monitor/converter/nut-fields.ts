/** The bytes are not a NUT stream, or one that this reader does not understand. */
export class NutError extends Error {
  override name = 'NutError';
}

/** A field goes on beyond the bytes that there are. */
export class NeedsMoreBytes extends Error {}
export const needsMoreBytes = new NeedsMoreBytes();

/** Reads the variable-length fields of NUT from a buffer. */
export class Fields {
  readonly bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  byte(): number {
    const value = this.bytes[this.position];
    if (value === undefined) throw needsMoreBytes;
    this.position++;
    return value;
  }

  /** `v`: seven bits a byte, the highest first. */
  unsigned(): number {
    let value = 0;
    for (let length = 0; length < 8; length++) {
      const byte = this.byte();
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
    throw new NutError('a number is longer than 56 bits');
  }

  /** `s`: the sign in the lowest bit. */
  signed(): number {
    const value = this.unsigned() + 1;
    return value % 2 === 1 ? -((value - 1) / 2) : value / 2;
  }

  /** `vb`: a length and that many bytes. */
  blob(): Buffer {
    const length = this.unsigned();
    if (this.position + length > this.bytes.length) throw needsMoreBytes;
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  skip(length: number): void {
    if (this.position + length > this.bytes.length) throw needsMoreBytes;
    this.position += length;
  }
}
