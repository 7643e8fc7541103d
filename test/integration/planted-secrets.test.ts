import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { eventually, RunProcess } from './run-process.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { clip, freeTcpPort, freeUdpPort, type PacketSender, startHttpTs } from './senders.ts';

/** By where it is planted: no one of these may be read anywhere. */
const planted = new Map<string, string>();

/** A token such as people have: letters and digits that stand nowhere else. */
function plant(where: string): string {
  const token = `k${randomBytes(12).toString('hex')}`;
  planted.set(where, token);
  return token;
}

const inSecret = (name: string, key: string) => ({ secretKeyRef: { name, key } });

let folder: string;
let run: RunProcess;
let stopRun = async () => {};
let s3: S3Server;
let sender: PacketSender;
let hostile: {
  readonly url: string;
  readonly requests: { path: string; body: string }[];
  stop(): Promise<void>;
};

/** Refuses everything, and says in its answer whatever it was asked with: path, headers and body. */
async function startEcho() {
  const requests: { path: string; body: string }[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const path = request.url ?? '/';
    requests.push({ path, body });
    const echo = JSON.stringify({
      result: `${path} ${JSON.stringify(request.headers)}`,
      path,
      headers: request.headers,
    });
    const told = { 'content-type': 'application/json', 'streammonitor-result': path, 'x-echo': path };
    if (path.startsWith('/moved'))
      response.writeHead(302, { location: `http://169.254.169.254${path}` }).end();
    else if (path.startsWith('/playlist')) {
      response.end(
        `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI="/key${path.slice(9)}"\n#EXTINF:2,\n/segment${path}\n`,
      );
    } else if (path.startsWith('/key')) response.end(`not a key: ${path}`);
    else if (path.startsWith('/broken'))
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<html>${path}`);
    else if (path.startsWith('/action')) response.writeHead(200, told).end(echo);
    else
      response
        .writeHead(path.startsWith('/busy') ? 503 : 401, {
          ...told,
          'www-authenticate': `Bearer realm="${path}"`,
        })
        .end(echo);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What each stream must fail with, so that the failure did take place. */
const reasons: Readonly<Record<string, string>> = {
  refused: 'Unauthorized',
  unresolved: 'Unreachable',
  closed: 'Unreachable',
  moved: 'EgressDenied',
  page: 'NotMedia',
  keyed: 'KeyUnavailable',
  camera: 'Unreachable',
  rtmp: 'Unreachable',
  srt: 'Unreachable',
};
/** Of these the Secret itself is wrong. */
const malformed = ['no-url', 'credentials', 'no-headers', 'no-key'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'planted-secrets-'));
  [s3, hostile, sender] = await Promise.all([
    startS3Server(),
    startEcho(),
    startHttpTs({ source: clip('steel') }),
  ]);
  const closed = `http://127.0.0.1:${await freeTcpPort()}`;
  const at = (where: string, base: string) =>
    `${base}/${plant(`${where}, path`)}/live.m3u8?token=${plant(`${where}, query`)}`;
  const secrets: Record<string, string> = {
    good: `${sender.url}?token=${plant('the good stream, query')}`,
    refused: at('refused', `${hostile.url}/refused`),
    unresolved: at('unresolved', 'http://nobody.invalid'),
    closed: at('closed', closed),
    moved: at('moved', `${hostile.url}/moved`),
    page: at('page', `${hostile.url}/broken`),
    keyed: at('keyed', `${hostile.url}/playlist`),
    camera: `rtsp://reader:${plant('camera, password')}@127.0.0.1:${await freeTcpPort()}/${plant('camera, path')}`,
    rtmp: `rtmp://127.0.0.1:${await freeTcpPort()}/live/${plant('rtmp, stream key')}`,
    srt: `srt://127.0.0.1:${await freeUdpPort()}?passphrase=${plant('srt, passphrase')}`,
    'no-url': `::${plant('a URL that is none')}`,
    credentials: `https://reader:${plant('credentials in a URL')}@origin.example/a.m3u8`,
    headers: `Authorization: Bearer ${plant('headers')}\nX-Token: ${plant('headers, second')}`,
    'no-headers': plant('headers that are none'),
    'no-key': `${plant('a key that is none')}:zz`,
    reference: at('reference', `${hostile.url}/refused`),
    webhook: at('webhook', `${hostile.url}/refused`),
    busy: at('busy webhook', `${hostile.url}/busy`),
    gone: at('webhook that is gone', closed),
    action: at('action', `${hostile.url}/action`),
    alertmanager: at('alertmanager', closed),
    signing: `whsec_${Buffer.from(plant('signing secret, decoded')).toString('base64')}`,
    unsigned: plant('a signing secret that is none'),
    s3: JSON.stringify({
      accessKeyId: plant('S3 access key'),
      secretAccessKey: plant('S3 secret key'),
      sessionToken: plant('S3 session'),
    }),
  };
  planted.set('signing secret', secrets.signing!.slice(6));
  const place = join(folder, 'secrets');
  await mkdir(join(place, 'all'), { recursive: true });
  for (const [key, value] of Object.entries(secrets)) await writeFile(join(place, 'all', key), value);
  const from = (key: string) => inSecret('all', key);
  const webhook = (key: string, more = {}) => ({
    webhook: { urlFrom: from(key), headersFrom: from('headers'), secretFrom: from('signing'), ...more },
  });
  const { bucket, endpoint, region } = s3;
  const document = {
    ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor', metadata: { name: 'planted' } },
    spec: {
      streams: [
        {
          name: 'good',
          urlFrom: from('good'),
          reference: { urlFrom: from('reference'), headersFrom: from('headers') },
        },
        ...Object.keys(reasons).map((name) => ({ name, urlFrom: from(name), headersFrom: from('headers') })),
        { name: 'no-url', urlFrom: from('no-url') },
        { name: 'credentials', urlFrom: from('credentials') },
        { name: 'no-headers', url: `${hostile.url}/refused`, headersFrom: from('no-headers') },
        { name: 'no-key', url: `${hostile.url}/refused`, decryption: { keyFrom: from('no-key') } },
      ],
      notifications: [
        ...[
          webhook('webhook'),
          webhook('busy'),
          webhook('gone'),
          webhook('webhook', { secretFrom: from('unsigned') }),
        ],
        { alertmanager: { urlFrom: from('alertmanager'), headersFrom: from('headers') } },
      ],
      actions: [{ name: 'switch', match: { detectors: ['stall'] }, after: '0s', ...webhook('action') }],
      results: { s3: { bucket, endpoint, region, forcePathStyle: true, credentialsFrom: from('s3') } },
    },
  };
  await writeFile(join(folder, 'live.yaml'), stringify(document));
  const options = [
    '--state',
    join(folder, 'state'),
    '--listen',
    '127.0.0.1:0',
    '--log-level',
    'debug',
    '--shard-cpu',
    '100',
  ];
  run = new RunProcess(['-f', join(folder, 'live.yaml'), '--secrets', place, ...options], {
    atEnd: (stop) => {
      stopRun = stop;
    },
  });
});
afterAll(async () => {
  await stopRun();
  await Promise.all([sender.stop(), hostile.stop(), s3.remove()]);
  await rm(folder, { recursive: true, force: true });
});

describe('with a secret in everything that can hold one, and a failure of each', () => {
  test('the failures take place', async () => {
    await eventually('the good stream is up', async () => (await run.stream('good'))?.phase === 'Up', 60);
    // Only a stream that was there for a while can stall.
    await sleep(4000);
    await sender.endMedia();
    for (const [name, reason] of Object.entries(reasons)) {
      await eventually(`${name}: ${reason}`, async () => (await run.stream(name))?.reason === reason, 60);
    }
    for (const name of malformed) {
      await eventually(`${name} is Down`, async () => (await run.stream(name))?.phase === 'Down', 30);
    }
    const asked = (path: string) => hostile.requests.some((request) => request.path.startsWith(path));
    for (const path of ['/refused', '/busy', '/action', '/playlist', '/key', '/moved', '/broken']) {
      await eventually(`${path} was asked for`, () => asked(path), 60);
    }
    await eventually(
      'results are refused',
      async () => (await run.metrics()).text.match(/s3|results/) !== null,
    );
    await eventually(
      'the spool holds what was refused',
      async () => (await filesOf(join(folder, 'state'))).length > 3,
    );
  });

  test('no secret is said anywhere', async () => {
    const wall = await (await run.get('/api/wall')).text();
    const incidents = [...wall.matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id!);
    const pages = ['/', '/metrics', '/report', '/readyz', ...incidents.map((id) => `/api/incidents/${id}`)];
    const told: Record<string, string> = {
      'log lines': JSON.stringify(run.logs),
      'standard error': run.texts.join('\n'),
      'standard output': run.output,
      wall,
      'argument lists': await commandLines(),
      notifications: hostile.requests.map(({ body }) => body).join('\n'),
    };
    for (const path of pages) told[path] = await (await run.get(path)).text();
    for (const file of await filesOf(join(folder, 'state'))) told[file] = await readFile(file, 'latin1');
    expect(incidents.length).toBeGreaterThan(0);
    expect(told.notifications).toContain('incident.opened');
    for (const [where, token] of planted) {
      for (const form of [token, Buffer.from(token).toString('base64').slice(0, -4)]) {
        for (const [place, text] of Object.entries(told)) {
          expect(text.includes(form), `${where}: in ${place}`).toBe(false);
        }
      }
    }
  });
});

async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** What every process was started with. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).join('\n');
}
