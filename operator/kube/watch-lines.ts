const newline = 0x0a;

/**
 * The lines of a stream of bytes as they come, without their ends. JSON text has no line end inside, so each line of a
 * watch is an event, whatever pieces it arrives in. What follows the last line end was cut off, and is left out.
 */
export async function* lines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  for await (const piece of stream) {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      parts.push(piece.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      start = end + 1;
      if (line !== '') yield line;
    }
    if (start < piece.length) parts.push(piece.subarray(start));
  }
}
