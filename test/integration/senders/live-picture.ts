import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type PacketSender, startHttpTs } from './packets.ts';
import { h264 } from './source.ts';

/** MPEG-TS over HTTP whose picture stands still as long as a test wants. */
export interface LivePicture extends PacketSender {
  freeze(still: boolean): void;
}

const [width, height, rate] = [320, 180, 25];
const period = 1000 / rate;

/** A picture that moves all over, encoded as it goes, without sound. */
export async function startLivePicture(): Promise<LivePicture> {
  const frames = Array.from({ length: 2 * rate }, (_, index) => movingFrame(index / (2 * rate)));
  const readers = new Set<Socket>();
  const server = createServer((socket) => {
    readers.add(socket);
    socket.on('error', () => {}).once('close', () => readers.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port was assigned');

  let [still, shown, sent] = [false, 0, 0];
  const begun = performance.now();
  const timer = setInterval(() => {
    for (; sent * period < performance.now() - begun; sent++) {
      if (!still) shown++;
      for (const reader of readers) reader.write(frames[shown % frames.length]!);
    }
  }, period);
  const raw = ['-f', 'rawvideo', '-pixel_format', 'gray', '-video_size', `${width}x${height}`];
  const sender = await startHttpTs({
    source: {
      input: [...raw, '-framerate', String(rate), '-i', `tcp://127.0.0.1:${address.port}`],
      map: ['-map', '0:v'],
      codec: h264({ rate }),
    },
  });
  return {
    ...sender,
    freeze: (wanted) => {
      still = wanted;
    },
    stop: async () => {
      clearInterval(timer);
      await sender.stop();
      for (const reader of readers) reader.destroy();
      server.close();
    },
  };
}

/** Waves that run across the picture and come around. */
function movingFrame(phase: number): Buffer {
  const frame = Buffer.alloc(width * height);
  const angle = phase * 2 * Math.PI;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const brightness = 128 + 60 * Math.sin(x / 9 + 4 * angle) + 50 * Math.sin(y / 7 - 2 * angle + x / 40);
      frame[y * width + x] = Math.round(brightness);
    }
  }
  return frame;
}
