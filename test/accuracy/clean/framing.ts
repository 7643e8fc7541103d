import type { CleanClass } from '../injection.ts';
import { hardPictures } from './making/hard-negative.ts';

/** A text of the default font; ffmpeg finds one through fontconfig. */
const text = (words: string, options: string): string => `drawtext=text='${words}':${options}`;

/** Two lines below that change every three seconds, with a pause of half a second. */
const subtitles = [
  'We have been here before',
  'and nobody has told us',
  'what it was that we saw',
  'on that evening',
]
  .map((words, index) =>
    text(
      words,
      `fontsize=h/16:fontcolor=white:borderw=2:x=(w-tw)/2:y=h*0.86:enable='between(mod(t,12),${index * 3},${index * 3 + 2.5})'`,
    ),
  )
  .join(',');

const headline = 'Rain in the north, sun in the south - results of the day - traffic is slow on all roads';
const ticker =
  'drawbox=x=0:y=ih*0.9:w=iw:h=ih*0.1:c=navy:t=fill,' +
  text(headline, 'fontsize=h/20:fontcolor=white:y=h*0.93:x=w-mod(t*w/8\\,w+tw)');

export default [
  hardPictures({
    name: 'framing and overlays',
    description:
      'bars, subtitles, a ticker, a picture in the picture, or a censored part are added to the clip',
    variants: {
      letterbox: {
        graph: () => '[0:v]crop=iw:2*trunc(ih*0.37),pad=iw:2*trunc(iw*ih/iw/2/0.74*0.5)*2:0:(oh-ih)/2[v]',
      },
      pillarbox: { graph: () => '[0:v]crop=2*trunc(iw*0.35):ih,pad=2*trunc(iw/0.7/2):ih:(ow-iw)/2:0[v]' },
      subtitles: { graph: () => `[0:v]${subtitles}[v]` },
      ticker: { graph: () => `[0:v]${ticker}[v]` },
      'picture in picture': {
        graph: () =>
          '[0:v]split[a][b];[b]hflip,scale=2*trunc(iw/6):2*trunc(ih/6),pad=iw+4:ih+4:2:2:white[c];' +
          '[a][c]overlay=W*0.62:H*0.06[v]',
      },
      'censored part': {
        graph: ({ master }, random) => {
          const { width = 0, height = 0 } = master.picture ?? {};
          const [columns, rows] = [2 * Math.trunc(width / 8), 2 * Math.trunc(height / 8)];
          const [x, y] = [
            Math.trunc(random.between(0.1, 0.6) * width),
            Math.trunc(random.between(0.1, 0.6) * height),
          ];
          return (
            `[0:v]split[a][b];[b]crop=${columns}:${rows}:${x}:${y},scale=${Math.trunc(columns / 16)}:${Math.trunc(rows / 16)}:flags=area,` +
            `scale=${columns}:${rows}:flags=neighbor[c];[a][c]overlay=${x}:${y}[v]`
          );
        },
      },
    },
  }),
] satisfies readonly CleanClass[];
