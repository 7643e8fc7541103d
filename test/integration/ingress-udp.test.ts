import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngressSession } from '../../monitor/ingress/ingress.ts';
import { ffmpeg, framesIn, Origin, only, open, readSession, testMedia, watched } from './ingress-origin.ts';

let origin: Origin;

beforeAll(async () => {
  origin = await Origin.start();
  await ffmpeg(origin.directory, ...testMedia(4), 'all.ts');
});

afterAll(() => origin.stop());

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** Everything that comes until the sender has been quiet for a second. */
async function receive({ inputs }: IngressSession): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const { bytes } = inputs[0]!;
  for (;;) {
    const quiet = await Promise.race([
      once(bytes, 'readable').then(() => false),
      new Promise<boolean>((resolve) => setTimeout(resolve, 1000, true)),
    ]);
    for (let chunk = bytes.read(); chunk; chunk = bytes.read()) chunks.push(chunk);
    if (quiet) return Buffer.concat(chunks);
  }
}

const send = (target: string, ...format: string[]) =>
  ffmpeg(origin.directory, '-re', '-i', 'all.ts', '-c', 'copy', ...format, target);

describe('UDP', () => {
  it.each([
    ['plain', 'udp', ['-f', 'mpegts'], '?pkt_size=1316'],
    ['plain, with packets cut anywhere', 'udp', ['-f', 'mpegts'], ''],
    ['RTP', 'rtp', ['-f', 'rtp_mpegts'], ''],
    ['RTP where plain packets are expected', 'udp', ['-f', 'rtp_mpegts'], ''],
  ])('gives every frame that ffmpeg sends: %s', async (_name, scheme, format, query) => {
    const port = await freePort();
    const seen = watched();
    const ingress = await open(`${scheme}://127.0.0.1:${port}`, seen);
    const sent = send(`${format[1] === 'mpegts' ? 'udp' : 'rtp'}://127.0.0.1:${port}${query}`, ...format);
    const session = await ingress.next();
    expect(session).toMatchObject({
      live: true,
      transportSeen: true,
      expectedGap: 2,
      inputs: [{ format: 'mpegts' }],
    });
    const bytes = await receive(session!);
    await sent;
    expect(await framesIn(bytes)).toBe(100);
    expect(only('continuity-gap', seen)).toEqual([]);
    expect(only('random-access', seen).length).toBeGreaterThanOrEqual(4);
    ingress.close();
    expect(await ingress.next()).toBeUndefined();
  });

  it('begins another session where the codec changes', async () => {
    const port = await freePort();
    const ingress = await open(`udp://127.0.0.1:${port}`, watched());
    const target = `udp://127.0.0.1:${port}?pkt_size=1316`;
    const sent = (async () => {
      await send(target, '-t', '2', '-f', 'mpegts');
      await ffmpeg(
        origin.directory,
        ...['-re', '-i', 'all.ts', '-t', '2', '-c:a', 'copy', '-c:v', 'mpeg2video', '-f', 'mpegts', target],
      );
    })();
    const first = await ingress.next();
    const [before] = await readSession(first!);
    const second = await ingress.next();
    const after = await receive(second!);
    await sent;
    expect(await framesIn(before!)).toBeGreaterThan(47);
    expect(await framesIn(after)).toBeGreaterThan(47);
    ingress.close();
  });

  it('joins a multicast group', async () => {
    const multicast = Object.values(networkInterfaces())
      .flat()
      .some((address) => address?.internal);
    expect(multicast).toBe(true);
    const port = await freePort();
    const ingress = await open(`udp://239.255.77.1:${port}?localaddr=127.0.0.1`, watched());
    const sent = send(`udp://239.255.77.1:${port}?pkt_size=1316&localaddr=127.0.0.1&ttl=0`, '-f', 'mpegts');
    const bytes = await receive((await ingress.next())!);
    await sent;
    expect(await framesIn(bytes)).toBe(100);
    ingress.close();
  });

  it('tells lost datagrams, and survives foreign ones', async () => {
    const port = await freePort();
    const seen = watched();
    const ingress = await open(`udp://127.0.0.1:${port}`, seen);
    const file = await import('node:fs/promises').then(({ readFile }) => readFile(origin.path('all.ts')));
    const socket = createSocket('udp4');
    const first = ingress.next();
    socket.send('hello', port, '127.0.0.1');
    for (let at = 0, index = 0; at < file.length; at += 1316, index++) {
      if (index % 40 === 20) continue;
      await new Promise((resolve) => socket.send(file.subarray(at, at + 1316), port, '127.0.0.1', resolve));
    }
    await first;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const gaps = only('continuity-gap', seen);
    expect(gaps.length).toBeGreaterThan(2);
    expect(gaps.every(({ track, count }) => track !== 'unknown' && count! <= 7)).toBe(true);
    expect(seen.remarks).toEqual(['a datagram holds no MPEG-TS packets; such are left out']);
    socket.close();
    ingress.close();
  });

  it('leaves out all that waits, and says so, when nobody keeps up', async () => {
    const port = await freePort();
    const seen = watched();
    const ingress = await open(`udp://127.0.0.1:${port}`, seen);
    const socket = createSocket('udp4');
    const session = ingress.next();
    const datagram = Buffer.alloc(1316, 0xff);
    for (let at = 0; at < 1316; at += 188) datagram.set([0x47, 0x1f, 0xff, 0x10], at);
    for (let count = 0; count < 9000; count++) {
      await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
      // The kernel would drop them before the ingress does.
      if (count % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const { inputs } = (await session)!;
    await expect.poll(() => inputs[0]!.bytes.destroyed).toBe(true);
    await expect(ingress.next()).rejects.toMatchObject({ reason: 'Overloaded' });
    expect(seen.evidence.filter(({ evidence }) => evidence !== 'random-access')).toEqual([]);
    socket.close();
    ingress.close();
  });

  it('goes on in a new session when its reader gives one up', async () => {
    const port = await freePort();
    const ingress = await open(`udp://127.0.0.1:${port}`, watched());
    const sent = send(`udp://127.0.0.1:${port}?pkt_size=1316`, '-f', 'mpegts');
    (await ingress.next())!.inputs[0]!.bytes.destroy();
    const second = await ingress.next();
    expect((await receive(second!)).length).toBeGreaterThan(10_000);
    await sent;
    ingress.close();
  });

  it('says what is wrong with an address', async () => {
    const port = await freePort();
    const ingress = await open(`udp://127.0.0.1:${port}`, watched());
    await expect(open(`udp://127.0.0.1:${port}`, watched())).rejects.toMatchObject({
      reason: 'Unreachable',
      message: expect.stringContaining(`port ${port} is in use`),
    });
    ingress.close();
    await expect(open(`udp://192.0.2.1:${port}`, watched())).rejects.toMatchObject({ reason: 'Unreachable' });
  });
});
