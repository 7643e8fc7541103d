import { inspect } from 'node:util';

/** Schemes a stream can have, and how each is opened: by the ingress itself or by ffmpeg. */
export const streamSchemes = {
  http: 'ingress',
  https: 'ingress',
  udp: 'ingress',
  rtp: 'ingress',
  srt: 'ffmpeg',
  rtmp: 'ffmpeg',
  rtmps: 'ffmpeg',
  rtsp: 'ffmpeg',
  rtsps: 'ffmpeg',
} as const;
export type StreamScheme = keyof typeof streamSchemes;

/**
 * A stream's URL, which may carry a token in its path or query. Printing, logging or serialising it shows
 * only scheme and host; `reveal()` is for the code that opens the connection.
 */
export class StreamUrl {
  readonly #url: URL;
  readonly scheme: StreamScheme;

  /**
   * @param text of a Secret, an RTSP URL may hold user name and password: RTSP has no headers to give them with
   * @throws TypeError with a sentence for a person, free of secrets, when the text is not a stream URL
   */
  constructor(text: string, { secret = false }: { readonly secret?: boolean } = {}) {
    if (!URL.canParse(text)) throw new TypeError('is not a URL; write it like https://host/path/master.m3u8');
    this.#url = new URL(text);
    const scheme = this.#url.protocol.slice(0, -1);
    if (!(scheme in streamSchemes)) {
      throw new TypeError(
        `has the scheme "${scheme}"; supported are ${Object.keys(streamSchemes).join(', ')}`,
      );
    }
    this.scheme = scheme as StreamScheme;
    const mayHoldCredentials = secret && scheme.startsWith('rtsp');
    if ((this.#url.username || this.#url.password) && !mayHoldCredentials) {
      throw new TypeError('contains a user name or password; give credentials with headersFrom or urlFrom');
    }
    if (!this.#url.hostname && this.scheme !== 'srt' && this.scheme !== 'udp')
      throw new TypeError('has no host');
    if ((this.scheme === 'udp' || this.scheme === 'rtp' || this.scheme === 'srt') && !this.#url.port) {
      throw new TypeError('has no port; write it like udp://239.0.0.1:5000 or srt://host:9000');
    }
  }

  get hostname(): string {
    return this.#url.hostname.replace(/^\[|\]$/g, '');
  }

  get port(): number {
    return Number(this.#url.port);
  }

  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  /** The whole URL, secrets included. */
  reveal(): string {
    return this.#url.href;
  }

  toString(): string {
    return `${this.#url.protocol}//${this.#url.host}/…`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
