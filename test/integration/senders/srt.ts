import { freeUdpPort } from './free-port.ts';
import { startFfmpeg, startRepeatedly } from './managed-process.ts';
import type { Sender } from './sender.ts';
import { clip, type Source } from './source.ts';

export interface SrtOptions {
  readonly source?: Source;
  readonly port?: number;
  /** 10 … 79 characters; encrypts with AES-128. */
  readonly passphrase?: string;
}

/**
 * MPEG-TS over SRT, waiting for a caller. ffmpeg serves one caller at a time; another can come a moment after it
 * left. A passphrase is not part of `url`.
 */
export async function startSrtListener(options: SrtOptions = {}): Promise<Sender> {
  return startSrt('listener', options);
}

/** MPEG-TS over SRT, calling the receiver that listens on the port of `url`, again and again until it is there. */
export async function startSrtCaller(options: SrtOptions = {}): Promise<Sender> {
  return startSrt('caller', options);
}

async function startSrt(
  mode: 'listener' | 'caller',
  { source = clip(), port, passphrase }: SrtOptions,
): Promise<Sender> {
  const address = `srt://127.0.0.1:${port ?? (await freeUdpPort())}`;
  const query = new URLSearchParams({
    mode,
    pkt_size: '1316',
    ...(passphrase && { passphrase, pbkeylen: '16' }),
  });
  const ffmpeg = startRepeatedly(() =>
    startFfmpeg([...source.input, ...source.map, ...source.codec, '-f', 'mpegts', `${address}?${query}`]),
  );
  return {
    url: mode === 'listener' ? address : `${address}?mode=listener`,
    suspend: ffmpeg.suspend,
    resume: ffmpeg.resume,
    endMedia: ffmpeg.kill,
    stop: ffmpeg.kill,
  };
}
