import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ffmpeg, testMedia } from './ingress-origin.ts';

/** Of a part, in seconds: ten pictures of 25 a second, the first of them a key frame. */
export const partSeconds = 0.4;
export const partsInSegment = 5;
const segmentSeconds = partSeconds * partsInSegment;
/** Segments that are there when the stream is opened. */
const before = 4;

export interface LowLatencyOptions {
  readonly container: 'mpegts' | 'fmp4';
  /** Parts are listed up to this one, counted from the start of the stream; none are, at 0. */
  readonly partsUntil?: number;
  /** `held`: as RFC 8216bis says; `ignored`: answered at once; `refused`: HTTP 400. */
  readonly reload?: 'held' | 'ignored' | 'refused' | 'none';
  /** Parts, counted from the start of the stream, that are listed and not there. */
  readonly missingParts?: readonly number[];
  /** Segments are encrypted as a whole (AES-128), each with a key of its own. */
  readonly encrypted?: true;
  /** The encoder stops before this part, and the playlist stays as it is. */
  readonly stopsBefore?: number;
  /** Segment, from 0, that begins with EXT-X-DISCONTINUITY. */
  readonly discontinuity?: number;
}

/** Parts that ffmpeg made, and what goes before them in fMP4. */
export interface MadeParts {
  readonly parts: readonly Buffer[];
  readonly init?: Buffer;
}

/** Encodes `seconds` of the test picture and a tone in parts. */
export async function makeParts(
  container: LowLatencyOptions['container'],
  seconds: number,
): Promise<MadeParts> {
  const directory = await mkdtemp(join(tmpdir(), 'low-latency-'));
  try {
    const extension = container === 'fmp4' ? 'm4s' : 'ts';
    await ffmpeg(
      directory,
      ...testMedia(seconds).map((word, index, all) => (all[index - 1] === '-g' ? '10' : word)),
      ...[
        '-f',
        'hls',
        '-hls_time',
        String(partSeconds),
        '-hls_list_size',
        '0',
        '-hls_segment_type',
        container,
      ],
      ...['-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', `%04d.${extension}`, 'all.m3u8'],
    );
    const names = (await readdir(directory)).filter((name) => name.endsWith(extension)).sort();
    const parts = await Promise.all(names.map((name) => readFile(join(directory, name))));
    return { parts, ...(container === 'fmp4' && { init: await readFile(join(directory, 'init.mp4')) }) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** An origin of Low-Latency HLS: parts come out one after the other as time passes. */
export class LowLatencyOrigin {
  readonly requests: string[] = [];
  readonly #options: LowLatencyOptions;
  readonly #made: MadeParts;
  readonly #server: Server;
  readonly #startedAt = performance.now();

  private constructor(made: MadeParts, options: LowLatencyOptions) {
    this.#made = made;
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(made: MadeParts, options: LowLatencyOptions): Promise<LowLatencyOrigin> {
    const origin = new LowLatencyOrigin(made, options);
    origin.#server.listen(0, '127.0.0.1');
    await once(origin.#server, 'listening');
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/live.m3u8`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** When a part came out, in ms of the process's clock. */
  madeAt(part: number): number {
    return this.#startedAt + (part + 1 - before * partsInSegment) * partSeconds * 1000;
  }

  /** Bytes of all parts before this one, with what goes before them. */
  bytesBefore(part: number): number {
    const { parts, init } = this.#made;
    return parts.slice(0, part).reduce((sum, { length }) => sum + length, init?.length ?? 0);
  }

  get partCount(): number {
    return this.#made.parts.length;
  }

  get #madeParts(): number {
    const since = (performance.now() - this.#startedAt) / 1000;
    const { stopsBefore = this.partCount } = this.#options;
    return Math.min(stopsBefore, before * partsInSegment + Math.floor(since / partSeconds));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://origin');
    this.requests.push(request.url!);
    const [, kind, number] = /^\/(part|segment|key)(\d+)/.exec(url.pathname) ?? [];
    if (url.pathname === '/live.m3u8') await this.#servePlaylist(url, response);
    else if (url.pathname === '/init.mp4') response.end(this.#made.init);
    else if (kind === 'key') response.end(keyOf(Number(number)));
    else if (kind === 'part') this.#servePart(Number(number), response);
    else this.#serveRange(this.#segment(Number(number)), request, response);
  }

  async #servePlaylist(url: URL, response: ServerResponse): Promise<void> {
    const sequence = url.searchParams.get('_HLS_msn');
    const { reload = 'held' } = this.#options;
    if (sequence !== null && reload === 'refused') {
      response.writeHead(400).end();
      return;
    }
    if (sequence !== null && reload === 'held') {
      const part = url.searchParams.get('_HLS_part');
      const first = Number(sequence) * partsInSegment;
      const wanted = part === null ? first + partsInSegment : first + Number(part) + 1;
      while (this.#madeParts < Math.min(wanted, this.partCount) && !response.destroyed) await sleep(5);
    }
    response.setHeader('content-type', 'application/vnd.apple.mpegurl').end(this.#playlist());
  }

  #playlist(): string {
    const { container, reload = 'held', discontinuity } = this.#options;
    const made = this.#madeParts;
    const whole = Math.floor(made / partsInSegment);
    const first = Math.max(0, whole - 6);
    const listsParts = this.#options.partsUntil !== 0;
    const lines = ['#EXTM3U', '#EXT-X-VERSION:9', `#EXT-X-TARGETDURATION:${segmentSeconds}`];
    lines.push(
      `#EXT-X-SERVER-CONTROL:PART-HOLD-BACK=${3 * partSeconds}${reload === 'none' ? '' : ',CAN-BLOCK-RELOAD=YES'}`,
    );
    if (listsParts) lines.push(`#EXT-X-PART-INF:PART-TARGET=${partSeconds}`);
    lines.push(`#EXT-X-MEDIA-SEQUENCE:${first}`);
    if (discontinuity !== undefined && discontinuity < first) lines.push('#EXT-X-DISCONTINUITY-SEQUENCE:1');
    if (container === 'fmp4') lines.push('#EXT-X-MAP:URI="init.mp4"');
    for (let segment = first; segment <= whole; segment++) {
      const parts = this.#partLines(segment, made);
      if (segment === discontinuity && (segment < whole || parts.length > 0))
        lines.push('#EXT-X-DISCONTINUITY');
      if (this.#options.encrypted)
        lines.push(`#EXT-X-KEY:METHOD=AES-128,URI="key${segment}",IV=0x${'0'.repeat(32)}`);
      if (segment >= whole - 2) lines.push(...parts);
      if (segment < whole) lines.push(`#EXTINF:${segmentSeconds},`, `segment${segment}`);
    }
    if (made === this.partCount) lines.push('#EXT-X-ENDLIST');
    else if (listsParts) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part${made}"`);
    return `${lines.join('\n')}\n`;
  }

  #partLines(segment: number, made: number): string[] {
    const { partsUntil = Number.POSITIVE_INFINITY } = this.#options;
    const until = Math.min(made, partsUntil, (segment + 1) * partsInSegment);
    const from = segment * partsInSegment;
    return Array.from(
      { length: Math.max(0, until - from) },
      (_, index) => `#EXT-X-PART:DURATION=${partSeconds},INDEPENDENT=YES,URI="part${from + index}"`,
    );
  }

  #servePart(part: number, response: ServerResponse): void {
    const isThere = part < this.#madeParts && !this.#options.missingParts?.includes(part);
    if (isThere) response.end(this.#made.parts[part]);
    else response.writeHead(404).end();
  }

  #segment(segment: number): Buffer {
    const from = segment * partsInSegment;
    const clear = Buffer.concat(this.#made.parts.slice(from, from + partsInSegment));
    if (!this.#options.encrypted) return clear;
    const cipher = createCipheriv('aes-128-cbc', keyOf(segment), Buffer.alloc(16));
    return Buffer.concat([cipher.update(clear), cipher.final()]);
  }

  #serveRange(body: Buffer, { headers }: IncomingMessage, response: ServerResponse): void {
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
    if (!range) response.end(body);
    else
      response
        .writeHead(206)
        .end(body.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined));
  }
}

function keyOf(segment: number): Buffer {
  return Buffer.alloc(16, segment + 1);
}
