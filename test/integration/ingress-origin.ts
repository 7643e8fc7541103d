import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { StreamUrl } from '../../crds/stream-url.ts';
import type {
  Ingress,
  IngressEvidence,
  IngressOptions,
  IngressSession,
} from '../../monitor/ingress/ingress.ts';
import { openIngress } from '../../monitor/ingress/open.ts';

/** Answers one path; `undefined` lets the origin serve the file of that name. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** An HTTP origin on loopback that serves a temporary folder, save for what a test overrides. */
export class Origin {
  readonly directory: string;
  readonly requests: IncomingMessage[] = [];
  readonly overrides = new Map<string, Handler>();
  readonly #server: Server;

  private constructor(directory: string) {
    this.directory = directory;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<Origin> {
    const origin = new Origin(await mkdtemp(join(tmpdir(), 'ingress-')));
    origin.#server.listen(0, '127.0.0.1');
    await once(origin.#server, 'listening');
    return origin;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}/${path}`;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Answers a path with a text. */
  text(path: string, body: string, type = 'application/vnd.apple.mpegurl'): void {
    this.overrides.set(path, (_request, response) => response.setHeader('content-type', type).end(body));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request);
    const path = new URL(request.url ?? '/', 'http://origin').pathname.slice(1);
    const override = this.overrides.get(path);
    if (override) {
      await override(request, response);
      return;
    }
    const file = await readFile(this.path(path)).catch(() => undefined);
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range) {
      response.setHeader('content-length', file.length).end(file);
      return;
    }
    response.writeHead(206).end(file.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined));
  }
}

/** Runs ffmpeg to its end and returns what it logged. @throws Error with the log when it fails */
export async function ffmpeg(directory: string, ...argumentList: string[]): Promise<string> {
  const child = spawn('ffmpeg', ['-hide_banner', '-v', 'error', '-nostdin', ...argumentList], {
    cwd: directory,
  });
  let log = '';
  child.stderr.on('data', (text) => {
    log += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ffmpeg: ${log}`);
  return log;
}

/** Arguments of a moving test picture and a tone. */
export function testMedia(seconds: number, frameRate = 25): string[] {
  return [
    ...['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${frameRate}`],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-sc_threshold', '0'],
    ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '64k'],
  ];
}

/** What a test learns from an ingress. */
export interface Watched {
  readonly evidence: IngressEvidence[];
  readonly remarks: string[];
  readonly options: IngressOptions;
}

export function watched(more: Partial<IngressOptions> = {}): Watched {
  const evidence: IngressEvidence[] = [];
  const remarks: string[] = [];
  return {
    evidence,
    remarks,
    options: {
      rendition: 'highest',
      headers: {},
      allowedRanges: ['127.0.0.0/8'],
      onEvidence: (item) => evidence.push(item),
      onRemark: (remark) => remarks.push(remark),
      ...more,
    },
  };
}

export function open(url: string, { options }: Watched): Promise<Ingress> {
  return openIngress(new StreamUrl(url), options);
}

/** The bytes of every input of a session, read at the same time. */
export function readSession(session: IngressSession): Promise<Buffer[]> {
  return Promise.all(
    session.inputs.map(async ({ bytes }) => {
      const chunks: Buffer[] = [];
      bytes.on('data', (chunk: Buffer) => chunks.push(chunk));
      await finished(bytes).catch(() => {});
      return Buffer.concat(chunks);
    }),
  );
}

/** All sessions of a finite source. */
export async function readEverything(
  ingress: Ingress,
): Promise<{ session: IngressSession; inputs: Buffer[] }[]> {
  const sessions: { session: IngressSession; inputs: Buffer[] }[] = [];
  for (let session = await ingress.next(); session; session = await ingress.next()) {
    sessions.push({ session, inputs: await readSession(session) });
  }
  return sessions;
}

/** Frames that ffmpeg decodes from bytes of one kind of track. @throws Error on any decoding error */
export async function framesIn(bytes: Buffer, track: 'v' | 'a' = 'v'): Promise<number> {
  const counting = ['-err_detect', 'explode', '-count_frames', '-show_entries', 'stream=nb_read_frames'];
  const output = await ffprobe(bytes, ...counting, '-select_streams', `${track}:0`);
  return Number.parseInt(output, 10);
}

/** Presentation times of the packets, in seconds. */
export async function packetTimes(bytes: Buffer): Promise<number[]> {
  const output = await ffprobe(bytes, '-show_entries', 'packet=pts_time');
  return output.split('\n').map(Number.parseFloat).filter(Number.isFinite);
}

async function ffprobe(bytes: Buffer, ...argumentList: string[]): Promise<string> {
  const child = spawn('ffprobe', ['-v', 'error', ...argumentList, '-of', 'csv=p=0', '-i', 'pipe:0']);
  let output = '';
  let log = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    log += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(bytes);
  await once(child, 'close');
  if (log) throw new Error(`decoding failed: ${log}`);
  return output.trim();
}

/** Evidence of one kind. */
export function only(kind: IngressEvidence['evidence'], { evidence }: Watched): IngressEvidence[] {
  return evidence.filter((item) => item.evidence === kind);
}
