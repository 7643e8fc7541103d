import { open as openHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StreamUrl } from '../../crds/stream-url.ts';
import { BodyIngress } from './body-ingress.ts';
import { dashRenditions } from './dash.ts';
import { openFile } from './file-resource.ts';
import { hlsRenditions, largestPlaylist } from './hls.ts';
import { HttpClient } from './http-client.ts';
import { type Ingress, IngressError, type IngressOptions } from './ingress.ts';
import { indexComesLast, type Signature, signatureBytes, signatureOf } from './media-signature.ts';
import { type OpenResource, peek, type Resource, readAll } from './resource.ts';
import { KeyStore } from './segmented/key-store.ts';
import { LiveEdges } from './segmented/live-edges.ts';
import type { Rendition } from './segmented/media-playlist.ts';
import { refuseHeight } from './segmented/rendition-choice.ts';
import { SegmentReader } from './segmented/segment-reader.ts';
import { SegmentedIngress } from './segmented/segmented-ingress.ts';
import { Track } from './segmented/track.ts';
import { openUdp } from './udp.ts';

/**
 * Opens a stream over HTTP(S) (HLS, DASH or one media body, told apart by their first bytes) or over UDP and RTP.
 * @throws IngressError when it cannot be opened or is not audio or video
 */
export async function openIngress(url: StreamUrl, options: IngressOptions): Promise<Ingress> {
  if (url.scheme === 'udp' || url.scheme === 'rtp') {
    refuseHeight(options);
    return openUdp(url, options);
  }
  const client = new HttpClient(url.reveal(), options);
  const closing = new AbortController();
  const close = () => {
    closing.abort();
    client.close();
  };
  try {
    const open: OpenResource = (uri, request) => client.open(uri, request);
    const resource = await open(url.reveal(), { what: 'stream', signal: closing.signal });
    return await openResource(resource, url.reveal(), open, options, close, closing.signal);
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Opens a local playlist (HLS or DASH, with its segments and keys as local files) or a local transport stream.
 * @throws IngressError
 */
export async function openFileIngress(path: string, options: IngressOptions): Promise<Ingress> {
  const closing = new AbortController();
  const close = () => closing.abort();
  const uri = pathToFileURL(path).href;
  try {
    const resource = await openFile(uri, { what: 'stream', signal: closing.signal });
    return await openResource(resource, uri, openFile, options, close, closing.signal);
  } catch (error) {
    close();
    throw error;
  }
}

/** Whether a local file is a playlist or a transport stream, which the ingress reads; ffmpeg opens others itself. */
export async function needsIngress(path: string): Promise<boolean> {
  if (['.m3u8', '.mpd'].includes(extname(path).toLowerCase())) return true;
  const handle = await openHandle(path).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(signatureBytes), 0, signatureBytes, 0);
    return ['hls', 'dash', 'mpegts'].includes(signatureOf(buffer.subarray(0, bytesRead)));
  } finally {
    await handle.close();
  }
}

async function openResource(
  resource: Resource,
  uri: string,
  open: OpenResource,
  options: IngressOptions,
  close: () => void,
  signal: AbortSignal,
): Promise<Ingress> {
  const { head, chunks } = await peek(resource.chunks, signatureBytes);
  const signature = signatureOf(head);
  if (signature === 'hls' || signature === 'dash') {
    const text = (await readAll(chunks, largestPlaylist, 'playlist')).toString('utf8');
    const renditionsOf = signature === 'hls' ? hlsRenditions : dashRenditions;
    const renditions = renditionsOf(text, { uri, base: resource.uri }, options, open);
    return openSegmented(renditions, open, options, close, signal);
  }
  refuseOther(signature, head, resource);
  refuseHeight(options);
  const format = signature === 'mpegts' || signature === 'mov' ? signature : undefined;
  const { length } = resource;
  return new BodyIngress(
    { chunks, ...(format && { format }), ...(length !== undefined && { length }) },
    options,
    close,
  );
}

async function openSegmented(
  renditions: readonly Rendition[],
  open: OpenResource,
  options: IngressOptions,
  close: () => void,
  signal: AbortSignal,
): Promise<Ingress> {
  const reader = new SegmentReader(open, new KeyStore(open, options.keys));
  const edges = new LiveEdges();
  const tracks = await Promise.all(
    renditions.map((rendition) => Track.open(rendition, reader, { ...options, edges }, signal)),
  );
  return new SegmentedIngress(tracks, close);
}

/** @throws IngressError for what is no media that can be read as it arrives */
function refuseOther(signature: Signature, head: Buffer, { contentType, uri }: Resource): void {
  const isPlaylist = /mpegurl|dash\+xml/.test(contentType) || /\.(m3u8|mpd)$/i.test(new URL(uri).pathname);
  if (head.length === 0) {
    throw isPlaylist
      ? new IngressError('EmptyPlaylist', 'the playlist is empty')
      : new IngressError('NotMedia', 'the source is empty');
  }
  if (signature === 'text' || isPlaylist) {
    const kind = /html/.test(contentType) ? 'an HTML page' : isPlaylist ? 'not a playlist' : 'text';
    throw new IngressError('NotMedia', `the source is ${kind} where audio or video is expected`);
  }
  if (signature === 'unknown' && !/^(audio|video)\//.test(contentType)) {
    throw new IngressError('NotMedia', 'the source is in no known container of audio or video');
  }
  if (signature === 'mov' && indexComesLast(head)) {
    throw new IngressError(
      'UnsupportedStream',
      'the MP4 file has its index at the end and cannot be read as it arrives: publish it with the index first (faststart)',
    );
  }
}
