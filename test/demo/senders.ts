import { setTimeout as delay } from 'node:timers/promises';
import { freeUdpPort } from '../integration/senders/free-port.ts';
import { type HlsFolder, serveHlsFolder } from './encrypted-hls.ts';
import { copiedOverUdp, encryptedHls, mpegtsOverSrt, mpegtsOverUdp } from './ffmpeg-arguments.ts';
import { type FilteredDefects, remaining } from './filters.ts';
import { type InjectedDefect, InjectedDefects } from './injected-defects.ts';
import { type LiveEncoder, startLiveEncoder } from './live-encoder.ts';
import { startLossyRelay } from './lossy-relay.ts';
import { writeRepeatedClip } from './repeated-clip.ts';
import { type DefectKind, demoSchedule, type PlannedDefect, type StreamName } from './schedule.ts';

export interface DemoSenders {
  /** All can be opened at once; `film-srt` begins, and its schedule with it, when its first receiver connects. */
  readonly streams: readonly { readonly name: StreamName; readonly url: string }[];
  /** The schedule with wall-clock times: foreseen until each defect has passed, then as it was. */
  defects(): readonly InjectedDefect[];
  /** Rejects when a sender has failed for good. */
  readonly failed: Promise<never>;
  /** Ends every sender. Idempotent. */
  stop(): Promise<void>;
}

export interface DemoOptions {
  /** Existing folder for lists, playlists, segments and the key; what is in it is left there. */
  readonly directory: string;
  /** Length of the demo; the senders go on afterwards, without defects, until stopped. */
  readonly seconds: number;
  /** Stops the senders when aborted. */
  readonly signal?: AbortSignal;
}

/** One datagram in this many is lost while packets are lost. */
const lossOneIn = 25;
const publishSeconds = 30;

/**
 * Publishes the clips of `test/media` as live streams on 127.0.0.1 and injects defects by schedule: AES-128 HLS in
 * two renditions, SRT, MPEG-TS over UDP with a sync marker, and one more UDP stream without any defect.
 * @throws RangeError when `seconds` is too short for the schedule
 * @throws Error with ffmpeg's last words when a sender does not start
 */
export async function startDemoSenders({ directory, seconds, signal }: DemoOptions): Promise<DemoSenders> {
  const senders = new Senders(demoSchedule(seconds));
  signal?.addEventListener('abort', () => void senders.stop(), { once: true });
  try {
    return await publish(senders, directory);
  } catch (error) {
    await senders.stop();
    throw error;
  }
}

async function publish(senders: Senders, directory: string): Promise<DemoSenders> {
  const [srtPort, udpPort, cleanPort] = await Promise.all([freeUdpPort(), freeUdpPort(), freeUdpPort()]);
  const [bunny, road, steel] = await Promise.all([
    writeRepeatedClip(directory, 'bunny'),
    writeRepeatedClip(directory, 'road'),
    writeRepeatedClip(directory, 'steel'),
  ]);
  const folder = await serveHlsFolder(directory);
  senders.onStop(folder.stop);
  const relay = await startLossyRelay(udpPort);
  senders.onStop(relay.close);

  const film = senders.start('film-srt', (defects) =>
    mpegtsOverSrt({ list: steel, rate: 24 }, defects, srtPort),
  );
  const others = [
    senders.start('cartoon-hls', (defects) => encryptedHls({ list: bunny, rate: 24 }, defects, folder)),
    senders.start(
      'road-udp',
      (defects) => mpegtsOverUdp({ list: road, rate: 25, marker: true }, defects, relay.port),
      (present) => relay.lose(present.has('lost-packets') ? lossOneIn : 0),
    ),
    senders.start('clean-udp', () => copiedOverUdp(bunny, cleanPort)),
  ];
  await Promise.all(others.map(({ started }) => started));
  await published(folder);
  const failed = Promise.race([film, ...others].map((encoder) => encoder.failed));
  failed.catch(() => {});
  return {
    streams: [
      { name: 'cartoon-hls', url: folder.url },
      { name: 'film-srt', url: `srt://127.0.0.1:${srtPort}` },
      { name: 'road-udp', url: `udp://127.0.0.1:${udpPort}` },
      { name: 'clean-udp', url: `udp://127.0.0.1:${cleanPort}` },
    ],
    defects: () => senders.injected.all(Date.now()),
    failed,
    stop: () => senders.stop(),
  };
}

class Senders {
  readonly injected: InjectedDefects;
  readonly #schedule: readonly PlannedDefect[];
  readonly #stops: (() => unknown)[] = [];

  constructor(schedule: readonly PlannedDefect[]) {
    this.#schedule = schedule;
    this.injected = new InjectedDefects(schedule);
  }

  onStop(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map((stop) => stop()));
  }

  /** @param follow told which defects are due, several times a second */
  start(
    stream: StreamName,
    argumentsFor: (defects: FilteredDefects) => readonly string[],
    follow: (present: ReadonlySet<DefectKind>) => void = () => {},
  ): LiveEncoder {
    const planned = this.#schedule.filter((defect) => defect.stream === stream);
    const spans = Object.fromEntries(planned.map((defect) => [defect.kind, defect]));
    let interruption = planned.find(({ kind }) => kind === 'sender-stop');
    const encoder = startLiveEncoder(
      (elapsed) => argumentsFor(remaining(spans, elapsed)),
      (position) => {
        this.injected.observe(stream, position, Date.now());
        follow(
          new Set(
            planned.filter(({ from, to }) => position >= from && position < to).map(({ kind }) => kind),
          ),
        );
        if (interruption && position >= interruption.from) {
          encoder.interrupt(interruption.to - position);
          interruption = undefined;
        }
      },
    );
    this.onStop(encoder.stop);
    return encoder;
  }
}

/** Waits until a player could start. */
async function published(folder: HlsFolder): Promise<void> {
  const deadline = performance.now() + 1000 * publishSeconds;
  while (!(await folder.published())) {
    if (performance.now() > deadline)
      throw new Error(`no HLS playlist within ${publishSeconds} s of its sender's start`);
    await delay(100);
  }
}
