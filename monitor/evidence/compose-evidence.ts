import sharp, { type OverlayOptions } from 'sharp';
import type { IncidentEvidence, Picture } from '../watch/watch-event.ts';
import { pictureImage } from './picture-image.ts';
import { strokeText } from './stroke-text.ts';

const largestPanel = 640;
const smallestPanel = 320;
const captionHeight = 24;
const curveHeight = 96;
const margin = 8;
/** A third of the bytes of 95 with no difference that matters to somebody who looks for a defect. */
const quality = 78;

const background = '#14171c';
const colours = { good: '#4cc38a', defect: '#ff6369', curve: '#ffb224', line: '#3a3f47' } as const;

interface Panel {
  readonly caption: string;
  readonly colour: string;
  readonly picture: Picture;
}

/**
 * The picture (JPEG) that goes with an incident: the last good frame beside the worst one, each at most 640 wide,
 * and the score over time below. `undefined` when the evidence holds neither frame nor curve.
 * @throws Error when a picture's size and its data disagree
 */
export async function composeEvidence({
  lastGood,
  worst,
  scores,
}: IncidentEvidence): Promise<Buffer | undefined> {
  const panels: Panel[] = [
    ...(lastGood ? [{ caption: 'last good', colour: colours.good, picture: lastGood }] : []),
    ...(worst ? [{ caption: 'defect', colour: colours.defect, picture: worst }] : []),
  ];
  if (panels.length === 0 && scores.length < 2) return undefined;

  const size = panelSize(panels.map(({ picture }) => picture));
  const columns = Math.max(1, panels.length);
  const width = columns * size.width;
  const curveTop = panels.length > 0 ? captionHeight + size.height : 0;
  const height = curveTop + curveHeight;
  const images = panels.map(async ({ picture }, index): Promise<OverlayOptions> => {
    const image = pictureImage(picture).toColourspace('srgb');
    const input = await image
      .resize({ ...size, fit: 'contain', background })
      .png({ compressionLevel: 0 })
      .toBuffer();
    return { input, left: index * size.width, top: captionHeight };
  });
  const captions = panels.map(({ caption, colour }, index) =>
    strokeText(caption, index * size.width + margin, margin / 2 + 2, 2, colour),
  );
  const drawing = [...captions, curve(scores, { top: curveTop, width })].join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing}</svg>`;
  return sharp({ create: { width, height, channels: 3, background } })
    .composite([...(await Promise.all(images)), { input: Buffer.from(svg) }])
    .jpeg({ quality })
    .toBuffer();
}

/** Both frames are shown at one size, that of the larger; without any the curve stands alone. */
function panelSize(pictures: readonly Picture[]): { width: number; height: number } {
  const [shown] = [...pictures].sort((a, b) => b.width - a.width);
  if (!shown) return { width: largestPanel, height: 0 };
  const width = Math.min(largestPanel, Math.max(smallestPanel, shown.width));
  return { width, height: Math.round((width * shown.height) / shown.width) };
}

function curve(scores: IncidentEvidence['scores'], { top, width }: { top: number; width: number }): string {
  const first = scores[0]?.[0] ?? 0;
  const span = Math.max((scores.at(-1)?.[0] ?? 0) - first, Number.EPSILON);
  const [upper, lower] = [top + 3 * margin, top + curveHeight - margin];
  const across = width - 2 * margin;
  const points = scores.map(([time, score]) => {
    const x = margin + ((time - first) / span) * across;
    const y = lower - Math.min(1, Math.max(0, score)) * (lower - upper);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const rules = [upper, lower].map(
    (y) => `<path d="M${margin} ${y}h${across}" stroke="${colours.line}" stroke-width="1"/>`,
  );
  const line = `<polyline points="${points.join(' ')}" fill="none" stroke="${colours.curve}" stroke-width="2"/>`;
  return [...rules, line, strokeText('score', margin, top + margin / 2, 1.5, colours.curve)].join('');
}
