import sharp, { type Sharp } from 'sharp';
import type { Picture } from '../watch/watch-event.ts';

/** Limited-range luma is 16 … 235 (ITU-R BT.709-6 §4.6), a JPEG's 0 … 255. */
const expansion = 255 / 219;
const black = 16;

/** A picture as an image to be encoded: grey expanded from limited to full range, colour as it is. */
export function pictureImage({ width, height, channels, data }: Picture): Sharp {
  const image = sharp(data, { raw: { width, height, channels } });
  return channels === 1 ? image.linear(expansion, -black * expansion) : image;
}
