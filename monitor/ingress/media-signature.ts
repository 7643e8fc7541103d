/** What the first bytes of a body say it is. */
export type Signature = 'hls' | 'dash' | 'mpegts' | 'mov' | 'other-media' | 'text' | 'unknown';

/** Bytes that `signatureOf` wants to see: three MPEG-TS packets, wherever the first starts. */
export const signatureBytes = 4 * 188 + 1;

const packet = 188;
/** Top-level boxes that a file, an initialisation or a media segment can start with (ISO/IEC 14496-12, 23009-1). */
const firstBoxes = new Set([
  'ftyp',
  'styp',
  'moov',
  'moof',
  'sidx',
  'emsg',
  'prft',
  'free',
  'skip',
  'mdat',
  'uuid',
  'pdin',
  'wide',
]);

/** Recognises playlists and containers by their first bytes; content types are too often wrong. */
export function signatureOf(head: Buffer): Signature {
  const text = head
    .subarray(head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0)
    .toString('latin1');
  if (text.startsWith('#EXTM3U')) return 'hls';
  if (/^\s*<(\?xml|!--|MPD)/.test(text) && /<MPD[\s>]/.test(text)) return 'dash';
  if (startsTransportStream(head)) return 'mpegts';
  if (startsBox(head)) return 'mov';
  if (isOtherMedia(head)) return 'other-media';
  if (text !== '' && !hasControlCharacter(text)) return 'text';
  return findTransportStream(head) >= 0 ? 'mpegts' : 'unknown';
}

/** Whether packets of 188 bytes start with the first byte (ISO/IEC 13818-1 §2.4.3.2). */
export function startsTransportStream(head: Buffer): boolean {
  return startsAt(head, 0);
}

/** Whether the first eight bytes are a box header that a file or segment can start with. */
export function startsBox(head: Buffer): boolean {
  if (head.length < 8) return false;
  const size = head.readUInt32BE(0);
  return (size === 0 || size === 1 || size >= 8) && firstBoxes.has(head.toString('latin1', 4, 8));
}

/** ADTS, MP3 with or without ID3, FLV, WebM/Matroska, AC-3 and E-AC-3. */
export function isOtherMedia(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.toString('latin1', 0, 4);
  return (
    magic.startsWith('ID3') ||
    magic.startsWith('FLV') ||
    magic === '\x1a\x45\xdf\xa3' ||
    (head[0] === 0xff && (head[1]! & 0xe0) === 0xe0 && head[1] !== 0xff) ||
    (head[0] === 0x0b && head[1] === 0x77)
  );
}

/**
 * Whether an MP4 holds its samples before its index, so that it cannot be read as it arrives. `head` is the start
 * of the file.
 */
export function indexComesLast(head: Buffer): boolean {
  let offset = 0;
  while (offset + 8 <= head.length) {
    const type = head.toString('latin1', offset + 4, offset + 8);
    if (type === 'mdat') return true;
    if (type === 'moov' || type === 'moof' || !firstBoxes.has(type)) return false;
    const size = head.readUInt32BE(offset);
    if (size < 8) return false;
    offset += size;
  }
  return false;
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return true;
  }
  return false;
}

function findTransportStream(head: Buffer): number {
  for (let start = 0; start < packet; start++) {
    if (head.length >= start + 2 * packet + 1 && startsAt(head, start)) return start;
  }
  return -1;
}

function startsAt(head: Buffer, start: number): boolean {
  if (head.length <= start || head[start] !== 0x47) return false;
  for (let offset = start; offset < head.length && offset <= start + 2 * packet; offset += packet) {
    if (head[offset] !== 0x47) return false;
  }
  // A lone "G" is no transport stream; a body of one packet is.
  return head.length >= start + packet;
}
