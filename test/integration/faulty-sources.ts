import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  clip,
  freeTcpPort,
  freeUdpPort,
  type PacketSender,
  startHls,
  startHttpTs,
  startOrigin,
  startUdpTs,
} from './senders.ts';

const media = join(import.meta.dirname, '../media');

/** Streams that are wrong from the start, each in its way, and good ones beside them. */
export interface FaultySources {
  /** In the path and in the query of every URL: nobody may read it anywhere. */
  readonly token: string;
  readonly urls: Readonly<Record<string, string>>;
  /** Senders of the streams of these names, good until a test ends them. */
  readonly stops: PacketSender;
  readonly pauses: PacketSender;
  readonly httpStops: PacketSender;
  stop(): Promise<void>;
}

export async function startFaultySources(): Promise<FaultySources> {
  const token = randomBytes(12).toString('hex');
  const folder = await mkdtemp(join(tmpdir(), 'streammonitor-faults-'));
  const [origin, wrongKey, noKey] = await Promise.all([
    faultyOrigin(folder, token),
    encryptedHls(token),
    encryptedHls(token),
  ]);
  await writeFile(join(wrongKey.directory, 'key.bin'), randomBytes(16));
  noKey.origin.fail('/key.bin', { status: 404, body: token });

  const senders = await Promise.all([
    startUdpTs(),
    startUdpTs(),
    startUdpTs(),
    startHttpTs(),
    startHttpTs({ source: clip('steel', { tracks: 'video' }) }),
    startUdpTs(),
    startHttpTs(),
  ]);
  const [clean, stops, pauses, httpStops, noAudio, noise, randomLive] = senders;
  for (const sender of [noise, randomLive]) sender.tamper(() => randomBytes(188));

  const at = ({ url }: { readonly url: string }, file = '') =>
    `${url.replace(/\/[^/]*\.\w+$/, '')}/${token}/${file}?token=${token}`;
  const nobody = { url: `http://127.0.0.1:${await freeTcpPort()}` };
  const urls = {
    clean: at(clean),
    'no-audio': at(noAudio),
    stops: at(stops),
    pauses: at(pauses),
    'http-stops': at(httpStops),
    'host-refuses': at(nobody, 'live.m3u8'),
    'host-unknown': at({ url: 'http://nobody.invalid' }, 'live.m3u8'),
    forbidden: at(origin, 'forbidden.m3u8'),
    'not-found': at(origin, 'none.m3u8'),
    'server-error': at(origin, 'broken.m3u8'),
    'link-local': at(origin, 'moved.m3u8'),
    'empty-playlist': at(origin, 'empty.m3u8'),
    'html-page': at(origin, 'page.html'),
    'random-file': at(origin, 'random.bin'),
    'random-live': at(randomLive),
    'random-datagrams': at(noise),
    'truncated-ts': at(origin, 'cut.ts'),
    'truncated-mp4': at(origin, 'cut.mp4'),
    'wrong-key': at(wrongKey, 'stream.m3u8'),
    'no-key': at(noKey, 'stream.m3u8'),
    'rtmp-refused': at({ url: nobody.url.replace('http', 'rtmp') }, 'live'),
    'srt-silent': at({ url: `srt://127.0.0.1:${await freeUdpPort()}` }),
    'never-starts': at({ url: `udp://127.0.0.1:${await freeUdpPort()}` }),
  };
  return {
    token,
    urls,
    stops,
    pauses,
    httpStops,
    stop: async () => {
      await Promise.all([...senders, origin, wrongKey, noKey].map((sender) => sender.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A server of what is no stream; what it says holds the token too. */
async function faultyOrigin(folder: string, token: string) {
  const served = join(folder, token);
  await mkdir(served);
  const origin = await startOrigin(folder);
  origin.fail(`/${token}/forbidden.m3u8`, { status: 403, body: token });
  origin.fail(`/${token}/broken.m3u8`, { status: 503, body: token });
  origin.fail(`/${token}/moved.m3u8`, { location: `http://169.254.169.254/latest/${token}` });
  const transport = execFileSync('ffmpeg', [
    ...['-v', 'error', '-i', join(media, 'road.mp4'), '-t', '1', '-c', 'copy', '-f', 'mpegts', 'pipe:1'],
  ]);
  const files = {
    'empty.m3u8': '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n',
    'page.html': `<!doctype html><html><body>${token}</body></html>`,
    'random.bin': randomBytes(200_000),
    // The tables and the beginning of one picture.
    'cut.ts': transport.subarray(0, 5 * 188 + 50),
    'cut.mp4': (await readFile(join(media, 'road.mp4'))).subarray(0, 3000),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(served, name), bytes);
  return origin;
}

/** Its files are also served below a folder that is called like the token. */
async function encryptedHls(token: string) {
  const sender = await startHls({ encrypted: true });
  await symlink('.', join(sender.directory, token));
  return { ...sender, url: sender.origin.url };
}
