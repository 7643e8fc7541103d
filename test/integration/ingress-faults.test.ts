import { setTimeout as sleep } from 'node:timers/promises';
import { describe, type TestContext, test } from 'vitest';
import { open, type Watched, watched } from './ingress-origin.ts';
import { probe } from './probe-runner.ts';
import { startDash, startHls, startHttpTs, startUdpTs, type Tamper } from './senders.ts';

type OnTestFinished = TestContext['onTestFinished'];

interface Stoppable {
  readonly url: string;
  stop(): Promise<void>;
}

/** Reads a live stream for as long as the test lasts, as a decoder would. */
async function followed(sender: Stoppable, onTestFinished: OnTestFinished): Promise<Watched> {
  const seen = watched();
  const ingress = await open(sender.url, seen);
  onTestFinished(async () => {
    ingress.close();
    await sender.stop();
  });
  const session = await ingress.next();
  for (const { bytes } of session!.inputs) bytes.on('error', () => {}).resume();
  return seen;
}

const faultsOf = ({ evidence }: Watched) => [
  ...new Set(evidence.map(({ evidence, fault }) => fault ?? evidence)),
];
const pidOf = (packet: Buffer) => packet.readUInt16BE(1) & 0x1fff;

/** ffmpeg's own PIDs: programme map, picture, sound. */
const [mapPid, videoPid, audioPid] = [0x1000, 0x100, 0x101];

function altered(pid: number, change: (packet: Buffer) => void): Tamper {
  return (packet) => {
    if (pidOf(packet) !== pid) return packet;
    const copy = Buffer.from(packet);
    change(copy);
    return copy;
  };
}

/** Packets of one PID follow each other. */
function everyFifth(treatment: Tamper): Tamper {
  let count = 0;
  return (packet) => (count++ % 5 === 0 ? treatment(packet) : packet);
}

describe.concurrent('packets that a real sender sends', () => {
  test.for([
    ['without PAT', (packet: Buffer) => (pidOf(packet) === 0 ? undefined : packet), 2, ['pat']],
    [
      'with a damaged PMT',
      altered(mapPid, (packet) => packet.writeUInt8(packet[20]! ^ 1, 20)),
      2,
      ['crc', 'pmt'],
    ],
    ['without sound', (packet: Buffer) => (pidOf(packet) === audioPid ? undefined : packet), 7, ['pid']],
    [
      'marked as damaged',
      altered(videoPid, (packet) => packet.writeUInt8(packet[1]! | 0x80, 1)),
      1,
      ['transport-error'],
    ],
    [
      'with a wrong sync byte',
      everyFifth(altered(audioPid, (packet) => packet.writeUInt8(0x46, 0))),
      1,
      ['continuity-gap', 'sync-byte'],
    ],
    [
      'with a clock that jumps',
      altered(videoPid, (packet) => {
        if ((packet[3]! & 0x20) !== 0 && packet[4]! >= 7 && (packet[5]! & 0x10) !== 0)
          packet.writeUInt8(packet[6]! ^ 0x20, 6);
      }),
      1,
      ['pcr-discontinuity'],
    ],
  ] as const)('%s', async ([, treatment, seconds, expected], { expect, onTestFinished }) => {
    const sender = await startHttpTs();
    const seen = await followed(sender, onTestFinished);
    await sleep(2500);
    expect(faultsOf(seen)).toEqual(['random-access']);
    sender.tamper(treatment as Tamper);
    await sleep(seconds * 1000);
    sender.tamper();
    await expect.poll(() => faultsOf(seen), { timeout: 8000 }).toEqual(expect.arrayContaining([...expected]));
    const told = faultsOf(seen).filter((fault) => !['random-access', 'continuity-gap'].includes(fault));
    expect(told.sort()).toEqual(expected.filter((fault) => fault !== 'continuity-gap').sort());
  });
});

describe.concurrent('playlists that a real packager writes', () => {
  test.for([
    ['HLS', () => startHls()],
    ['DASH', () => startDash()],
  ] as const)('are stale when it halts: %s', async ([, start], { expect, onTestFinished }) => {
    const sender = await start();
    const seen = await followed(sender, onTestFinished);
    const stale = () => seen.evidence.filter(({ fault }) => fault === 'stale');
    await sleep(5000);
    expect(faultsOf(seen)).toEqual(['random-access']);
    sender.suspend();
    await expect.poll(() => stale().length, { timeout: 15_000 }).toBeGreaterThan(0);
    expect(stale()[0]!.value).toBeGreaterThan(1.5);
    expect(stale()[0]!.value).toBeLessThan(3);
    sender.resume();
    expect(faultsOf(seen).filter((fault) => !['random-access', 'stale'].includes(fault))).toEqual([]);
  });

  test('cannot be had, or not be read, for a while', async ({ expect, onTestFinished }) => {
    const sender = await startHls();
    const seen = await followed(sender, onTestFinished);
    const working = sender.origin.fail('/stream.m3u8', { status: 503 });
    await expect.poll(() => faultsOf(seen), { timeout: 15_000 }).toContain('unavailable');
    working();
    const readable = sender.origin.fail('/stream.m3u8', { body: '<html>later</html>' });
    await expect.poll(() => faultsOf(seen), { timeout: 15_000 }).toContain('unreadable');
    readable();
  });
});

test('faults become incidents with their times', async ({ expect, onTestFinished }) => {
  const [packets, segments] = await Promise.all([startUdpTs(), startHls()]);
  onTestFinished(async () => {
    await Promise.all([packets.stop(), segments.stop()]);
  });
  const detectors = ['--detectors', 'transport,playlist', '--duration', '16s'];
  const [transport, playlist] = await Promise.all([
    probe(packets.url, ...detectors),
    probe(segments.url, ...detectors),
    (async () => {
      await sleep(5000);
      packets.tamper((packet) => (pidOf(packet) === mapPid ? undefined : packet));
      segments.suspend();
      await sleep(6000);
      packets.tamper();
      segments.resume();
    })(),
  ]);
  expect(transport.incidents).toEqual([
    expect.objectContaining({ detector: 'transport', kind: 'pmt', severity: 'warning' }),
  ]);
  expect(playlist.incidents).toEqual([
    expect.objectContaining({ detector: 'playlist', kind: 'stale', severity: 'warning' }),
  ]);
});
