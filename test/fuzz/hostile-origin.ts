import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Random } from '../accuracy/random.ts';
import { damaged, damagedText } from './mutations.ts';
import type { Samples } from './samples.ts';

/** Serves hostile streams: `/KIND/NUMBER` is the stream of that kind and number, the same for the same seed. */
export interface HostileOrigin {
  url(kind: string, index: number): string;
  readonly kinds: readonly string[];
  stop(): Promise<void>;
}

interface Answer {
  readonly response: ServerResponse;
  readonly random: Random;
  /** What is behind the number in the path: of a playlist, the name of its segment. */
  readonly name: string;
  readonly path: string;
}

export async function startHostileOrigin(seed: number, samples: Samples): Promise<HostileOrigin> {
  const bombs = makeBombs();
  const stopping = new AbortController();
  const answers = answersOf(samples, bombs, stopping.signal);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://origin').pathname;
    const [, kind = '', index = '', name = ''] = path.split('/');
    const answer = answers[kind];
    if (!answer) return void response.writeHead(404).end();
    answer({ response, random: new Random(seed, kind, index, name), name, path });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (kind, index) => `http://127.0.0.1:${port}/${kind}/${index}/`,
    kinds: Object.keys(answers),
    stop: async () => {
      stopping.abort();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Small to send, large to open. */
interface Bombs {
  /** A picture of 134 million pixels, in Matroska. */
  readonly picture: Buffer;
  /** 256 MiB of a playlist, compressed. */
  readonly packed: Buffer;
  /** Ten years from the start, fragmented. */
  readonly late: Buffer;
}

function makeBombs(): Bombs {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-bombs-'));
  const make = (name: string, ...options: readonly string[]) => {
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', ...options, name], { cwd: directory });
    return readFileSync(join(directory, name));
  };
  try {
    const picture = make(
      'huge.mkv',
      '-i',
      'color=gray:size=16384x8192:rate=1',
      '-frames:v',
      '1',
      '-c:v',
      'mjpeg',
    );
    const fragmented = [
      '-movflags',
      'frag_keyframe+empty_moov',
      '-output_ts_offset',
      String(10 * 365 * 86_400),
    ];
    const late = make(
      'late.mp4',
      '-i',
      'testsrc2=size=64x36:duration=2',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      ...fragmented,
    );
    return { picture, late, packed: gzipSync(Buffer.alloc(256 * 1024 * 1024, '#EXTM3U\n'), { level: 1 }) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function answersOf(
  samples: Samples,
  bombs: Bombs,
  signal: AbortSignal,
): Record<string, (answer: Answer) => unknown> {
  const { ts, mp4 } = samples;
  const playlist = (count: number, end: string) =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${Array.from({ length: count }, (_, at) => `#EXTINF:1,\n${at}.ts\n`).join('')}${end}`;
  const long = playlist(100_000, '#EXT-X-ENDLIST\n');
  const longLive = playlist(100_000, '');
  return {
    'damaged-ts': ({ response, random }) => response.end(damaged(random, ts, mp4)),
    'damaged-mp4': ({ response, random }) => response.end(damaged(random, mp4, ts)),
    /** Again and again, as a live sender would. */
    'live-damage': async ({ response, random }) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      while (!response.destroyed && !signal.aborted) {
        response.write(damaged(random, ts));
        await sleep(200);
      }
    },
    'damaged-hls': ({ response, random, name }) => {
      if (name) response.end(damaged(random, ts));
      else
        response.end(
          damagedText(random, playlist(5, '#EXT-X-ENDLIST\n'), [
            '#EXT-X-DISCONTINUITY',
            '#EXTINF:1e9,',
            '#EXT-X-MAP:URI="m"',
          ]),
        );
    },
    'damaged-dash': ({ response, random, name }) => {
      if (name) response.end(damaged(random, mp4));
      else
        response.end(damagedText(random, samples.dash, ['<S t="0" d="1" r="99"/>', '<BaseURL>x</BaseURL>']));
    },
    'long-playlist': ({ response, name }) => response.end(name ? ts : long),
    'long-live-playlist': ({ response, name }) => response.end(name ? ts : longLive),
    'endless-manifest': ({ response }) =>
      response.end(
        samples.dash.replace(/mediaPresentationDuration="[^"]*"/, 'mediaPresentationDuration="P10Y"'),
      ),
    'packed-bomb': ({ response }) => response.setHeader('content-encoding', 'gzip').end(bombs.packed),
    'picture-bomb': ({ response }) =>
      response.setHeader('content-type', 'video/x-matroska').end(bombs.picture),
    'ten-years': ({ response, name }) =>
      response.end(
        name
          ? bombs.late
          : playlist(2, '#EXT-X-ENDLIST\n').replace(
              '#EXTINF',
              '#EXT-X-PROGRAM-DATE-TIME:2036-01-01T00:00:00Z\n#EXTINF',
            ),
      ),
    'redirect-loop': ({ response, path }) => response.writeHead(302, { location: path }).end(),
    silent: () => {},
    drip: async ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' });
      for (const byte of Buffer.from(long)) {
        if (response.destroyed || signal.aborted) return;
        response.write(Buffer.of(byte));
        await sleep(3000);
      }
    },
    zeros: ({ response }) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    },
  };
}
