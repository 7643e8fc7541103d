import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { importances } from './drop-policy.ts';

const headerSchema = z.object({
  version: z.literal(1),
  sink: z.string(),
  key: z.string(),
  importance: z.enum(importances),
  meta: z.unknown(),
  bodyBytes: z.number().int().nonnegative(),
  crc32: z.number().int().nonnegative(),
});

export interface ItemContent {
  /** Who delivers the item. */
  readonly sink: string;
  /** Names the item within its sink: an item whose key is there already is not added again. */
  readonly key: string;
  readonly importance: (typeof importances)[number];
  /** What the sink needs to deliver the body; plain JSON. */
  readonly meta: unknown;
  readonly body: Buffer;
}

const newline = 0x0a;

/** An item as the bytes of its file: a header of one JSON line, then the body. */
export function encodeItem({ sink, key, importance, meta, body }: ItemContent): Buffer {
  const sum = crc32(body);
  const header = { version: 1, sink, key, importance, meta, bodyBytes: body.length, crc32: sum };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

/**
 * Reads an item file's bytes.
 * @throws Error saying what is wrong when the file is truncated or damaged
 */
export function decodeItem(bytes: Buffer): ItemContent {
  const end = bytes.indexOf(newline);
  if (end < 0) throw new Error('the header line is incomplete');
  const { sink, key, importance, meta, ...sums } = headerSchema.parse(
    JSON.parse(bytes.toString('utf8', 0, end)),
  );
  const body = bytes.subarray(end + 1);
  if (body.length !== sums.bodyBytes)
    throw new Error(`the body has ${body.length} of ${sums.bodyBytes} bytes`);
  if (crc32(body) !== sums.crc32) throw new Error('the body does not match its checksum');
  return { sink, key, importance, meta, body };
}
