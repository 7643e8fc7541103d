import { spawn } from 'node:child_process';
import { NutReader } from '../../monitor/converter/nut-reader.ts';

/** The luma of one decoded picture, at the size that was encoded. */
export interface LumaFrame {
  /** Presentation time, in seconds from the beginning of the file. */
  readonly time: number;
  readonly width: number;
  readonly height: number;
  readonly luma: Buffer;
}

/**
 * Decodes the picture of a file or local playlist as the monitor does: every frame that comes out, damaged ones
 * with what the decoder concealed.
 * @throws Error when ffmpeg cannot read it
 */
export async function* lumaFrames(path: string): AsyncGenerator<LumaFrame> {
  const playlist = path.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : [];
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'fatal', '-copyts', '-start_at_zero', '-threads', '1', ...playlist, '-i', path],
      ...['-map', '0:v:0', '-vf', 'extractplanes=y', '-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
      ...['-c:v', 'rawvideo', '-f', 'nut', '-syncpoints', 'none', '-strict', 'experimental', '-'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    ffmpeg.once('error', reject).once('close', resolve);
  });
  let size = { width: 0, height: 0 };
  let luma = Buffer.alloc(0);
  const frames: LumaFrame[] = [];
  const reader = new NutReader({
    onStream: (stream) => {
      if (stream.type === 'video') size = stream;
    },
    target: (bytes) => {
      luma = Buffer.allocUnsafe(bytes);
      return luma;
    },
    onPacket: (time) => frames.push({ time, width: size.width, height: size.height, luma }),
  });
  try {
    for await (const chunk of ffmpeg.stdout) {
      reader.write(chunk);
      yield* frames.splice(0);
    }
    const code = await ended;
    if (code !== 0) throw new Error(`ffmpeg cannot decode ${path}: it ended with ${code}`);
  } finally {
    ffmpeg.kill();
  }
}
