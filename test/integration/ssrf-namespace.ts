import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shardApiVersion } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { parseShardReport } from '../../crds/shard-report.ts';
import { hosts, inner, outer, places, scripts, targets } from './ssrf-targets.ts';

/**
 * Runs within a network and mount namespace of its own, as its root: gives it addresses, listens on all of them, lets a
 * real shard watch streams that lead there, and writes what came of it as JSON.
 */
const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'streammonitor-ssrf-'));
const connections: string[] = [];
try {
  addresses();
  await listen();
  await origin();
  const forbidden = await watched('forbidden', attacks(), [], 40);
  const heard = [...connections];
  // The listeners can hear: what is allowed does arrive.
  const allowed = await watched('allowed', { literal: targets.literal! }, ['169.254.169.254/32'], 10);
  process.stdout.write(
    JSON.stringify({ heard, forbidden, allowed, heardWhenAllowed: connections.slice(heard.length) }),
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit();

function addresses(): void {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  for (const address of [...inner.filter((each) => each !== '127.0.0.1' && each !== '::1'), outer]) {
    execFileSync('ip', [
      'address',
      'add',
      `${address}/${address.includes(':') ? 128 : 32}`,
      'dev',
      'lo',
      ...(address.includes(':') ? ['nodad'] : []),
    ]);
  }
  const file = join(directory, 'hosts');
  const names = { localhost: '127.0.0.1', ...hosts };
  writeFileSync(
    file,
    Object.entries(names)
      .map(([name, address]) => `${address} ${name}\n`)
      .join(''),
  );
  execFileSync('mount', ['--bind', file, '/etc/hosts']);
}

async function listen(): Promise<void> {
  for (const address of inner) {
    const server = createServer((socket) => {
      connections.push(address);
      socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret');
    }).listen(80, address);
    await once(server, 'listening');
  }
}

/** Everything that the attacker serves. */
async function origin(): Promise<void> {
  execFileSync('ffmpeg', [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=64x36:rate=25:duration=4',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    ],
    ...['-f', 'mpegts', join(directory, 'clip.ts')],
  ]);
  const clip = readFileSync(join(directory, 'clip.ts'));
  const server = createHttpServer((request, response) => {
    const [, kind = '', name = ''] = (request.url ?? '').split('/');
    if (kind === 'redirect') response.writeHead(302, { location: targets[name] }).end();
    else if (kind === 'script') response.setHeader('content-type', 'video/mp2t').end(scripts[name]);
    else if (name === 'clip.ts') response.end(clip);
    else if (name === 'clear.m3u8')
      response.end('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nclip.ts\n#EXT-X-ENDLIST\n');
    else response.end(places[kind]?.(targets[name] ?? '') ?? '');
  }).listen(80, outer);
  await once(server, 'listening');
}

function attacks(): Record<string, string> {
  const at = (kind: string, name: string) => `http://${outer}/${kind}/${name}`;
  const streams: Record<string, string> = {};
  for (const [name, url] of Object.entries(targets)) {
    if (url.startsWith('http')) streams[`direct-${name}`] = url;
    streams[`redirect-${name}`] = at('redirect', name);
  }
  for (const place of Object.keys(places)) {
    for (const name of ['literal', 'decimal', 'name', 'loopback6', 'file', 'data'])
      streams[`${place}-${name}`] = at(place, name);
  }
  for (const name of Object.keys(scripts)) streams[`script-${name}`] = at('script', name);
  for (const scheme of ['rtmp', 'rtsp']) {
    streams[`${scheme}-literal`] = `${scheme}://169.254.169.254:80/a/b`;
    streams[`${scheme}-name`] = `${scheme}://metadata.example:80/a/b`;
  }
  return {
    ...streams,
    'srt-literal': 'srt://169.254.169.254:80',
    'rtmps-literal': 'rtmps://169.254.169.254:80/a/b',
  };
}

interface Watched {
  readonly name: string;
  readonly phase: string;
  readonly reason: string;
}

/** How a shard finds the streams once each of them is Down, or after so many seconds. */
async function watched(
  shard: string,
  urls: Record<string, string>,
  ranges: readonly string[],
  seconds: number,
): Promise<Watched[]> {
  const folder = join(directory, shard);
  mkdirSync(folder);
  const detectors = { freeze: resolveDetectors().freeze! };
  const streams = Object.entries(urls).map(([name, url]) => ({
    monitor: 'a/b',
    name,
    url,
    detectors: ['freeze'],
  }));
  const monitors = { 'a/b': { namespace: 'a', name: 'b', detectors } };
  const document = {
    apiVersion: shardApiVersion,
    kind: 'Assignment',
    shard,
    generation: 1,
    monitors,
    streams,
  };
  writeFileSync(join(folder, 'assignment.json'), JSON.stringify(document));
  const child = spawn(
    streammonitor,
    [
      ...['monitor', '--assignment', join(folder, 'assignment.json'), '--state', join(folder, 'state')],
      ...[
        '--listen',
        '127.0.0.9:9000',
        '--log-level',
        'error',
        ...ranges.flatMap((range) => ['--allow-range', range]),
      ],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  try {
    for (const deadline = performance.now() + seconds * 1000; ; ) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const report = await fetch('http://127.0.0.9:9000/report').then(
        (answer) => answer.json(),
        () => undefined,
      );
      const seen = report === undefined ? [] : parseShardReport(report).streams;
      if (performance.now() > deadline || (seen.length > 0 && seen.every(({ phase }) => phase === 'Down'))) {
        return seen.map(({ name, phase, reason }) => ({ name, phase, reason }));
      }
    }
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}
