/** The longest header that ffmpeg's mpjpeg muxer writes before a picture is far below this. */
const longestHeader = 512;

/**
 * Cuts the output of ffmpeg's mpjpeg muxer into pictures by the length in each header, so that no byte of a picture
 * is looked at, and each is copied once.
 */
export class MpjpegReader {
  #header = Buffer.alloc(0);
  #picture: Buffer | undefined;
  #filled = 0;

  /**
   * The pictures that are whole with these bytes.
   * @throws Error when a header gives no length
   */
  read(bytes: Buffer): readonly Buffer[] {
    const pictures: Buffer[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      rest = this.#picture ? this.#fill(this.#picture, rest) : this.#begin(rest);
      if (!this.#picture || this.#filled < this.#picture.length) continue;
      pictures.push(this.#picture);
      this.#picture = undefined;
    }
    return pictures;
  }

  #fill(picture: Buffer, bytes: Buffer): Buffer {
    const copied = bytes.copy(picture, this.#filled);
    this.#filled += copied;
    return bytes.subarray(copied);
  }

  #begin(bytes: Buffer): Buffer {
    const header = Buffer.concat([this.#header, bytes.subarray(0, longestHeader)]);
    const length = /content-length: *(\d+)\r\n\r\n/i.exec(header.toString('latin1'));
    if (!length) {
      if (header.length > 2 * longestHeader) throw new Error('the converter gave a picture without a length');
      this.#header = header;
      return bytes.subarray(Math.min(bytes.length, longestHeader));
    }
    const used = length.index + length[0].length - this.#header.length;
    this.#header = Buffer.alloc(0);
    this.#picture = Buffer.allocUnsafe(Number(length[1]));
    this.#filled = 0;
    return bytes.subarray(used);
  }
}
