import { freeUdpPort } from './free-port.ts';
import { startFfmpeg } from './managed-process.ts';
import type { Sender } from './sender.ts';
import { clip, type Source } from './source.ts';

/** MPEG-TS over RTP (RFC 2250) to a free port of 127.0.0.1 that the receiver binds. */
export async function startRtpTs({
  source = clip(),
  port,
}: {
  source?: Source;
  port?: number;
} = {}): Promise<Sender> {
  const url = `rtp://127.0.0.1:${port ?? (await freeUdpPort())}`;
  const ffmpeg = startFfmpeg([
    ...source.input,
    ...source.map,
    ...source.codec,
    ...['-f', 'rtp_mpegts', `${url}?pkt_size=1328`],
  ]);
  return {
    url,
    suspend: ffmpeg.suspend,
    resume: ffmpeg.resume,
    endMedia: ffmpeg.kill,
    stop: ffmpeg.kill,
  };
}
