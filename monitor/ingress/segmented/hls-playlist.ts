import {
  type ParsedByteRange,
  type ParsedKey,
  type ParsedManifest,
  type ParsedPart,
  type ParsedSegment,
  Parser,
} from 'm3u8-parser';
import { IngressError } from '../ingress.ts';
import type { ByteRange } from '../resource.ts';
import { boundedPlaylist } from './bounded-playlist.ts';
import { cueTags, rangeAnnouncements, tagCues } from './hls-breaks.ts';
import type {
  MediaPlaylist,
  MediaSegment,
  SegmentKey,
  SegmentPart,
  SegmentSource,
} from './media-playlist.ts';
import type { Variant } from './rendition-choice.ts';
import { segmentSeconds } from './segment-seconds.ts';

/** RFC 8216 requires it; playlists without it are read as if their longest segment were the target. */
const fallbackTargetDuration = 6;

export type HlsPlaylist =
  | { readonly kind: 'multivariant'; readonly variants: readonly Variant[] }
  | { readonly kind: 'media'; readonly playlist: MediaPlaylist };

/**
 * Reads an HLS playlist (RFC 8216); `base` is its absolute URI.
 * @param keyed whether the user supplied keys for what a licence system has the keys of
 * @throws IngressError NotMedia when it is none, UnsupportedStream when its segments need a key that is not there
 */
export function parseHlsPlaylist(source: string, base: string, keyed = false): HlsPlaylist {
  const unmarked = boundedPlaylist(source.replace(/^\uFEFF/, ''));
  const text = keyed ? unmarked.replace(/^#EXT-X-KEY:.*$/gm, withSuppliedKey) : unmarked;
  if (!text.startsWith('#EXTM3U')) {
    throw new IngressError('NotMedia', 'the playlist does not start with #EXTM3U');
  }
  const manifest = parse(text);
  if (manifest.playlists && manifest.playlists.length > 0) {
    return {
      kind: 'multivariant',
      variants: manifest.playlists.flatMap((playlist) => variant(playlist, manifest, base)),
    };
  }
  refuseLicences(text);
  return { kind: 'media', playlist: mediaPlaylist(manifest, base) };
}

function parse(text: string): ParsedManifest {
  const parser = new Parser();
  // The parser does not know this tag (RFC 8216bis §4.4.4.7).
  parser.addParser({ expression: /^#EXT-X-GAP/, customType: 'gap', segment: true });
  for (const tag of cueTags) parser.addParser(tag);
  try {
    parser.push(text);
    parser.end();
  } catch {
    throw new IngressError('NotMedia', 'the playlist is malformed');
  }
  return parser.manifest;
}

/** The parser drops keys that it does not know, and with them the fact that segments are encrypted. */
function refuseLicences(text: string): void {
  for (const [, attributes] of text.matchAll(/^#EXT-X-KEY:(.*)$/gm)) {
    const method = /(?:^|,)METHOD=([A-Z0-9-]+)/.exec(attributes!)?.[1] ?? '';
    const format = /KEYFORMAT="([^"]*)"/.exec(attributes!)?.[1] ?? 'identity';
    if (method === 'NONE') continue;
    if (!isMethod(method) || format !== 'identity') {
      throw new IngressError(
        'UnsupportedStream',
        `segments are encrypted with ${method || 'no method'}${format === 'identity' ? '' : ' for a licence system'}: ` +
          'give the key with decryption.keyFrom, for AES-128, AES-256, SAMPLE-AES or SAMPLE-AES-CTR',
      );
    }
  }
}

/** Stands for the address of a key that a licence system has and the user supplies. */
const suppliedKey = 'supplied:key';

/** Of a licence system's key only method and vector count: the parser drops a format that it does not know. */
function withSuppliedKey(line: string): string {
  const format = /,?KEYFORMAT="([^"]*)"/.exec(line);
  if (!format || format[1] === 'identity') return line;
  return line.replace(format[0], '').replace(/URI="[^"]*"/, `URI="${suppliedKey}"`);
}

function variant(
  { uri, attributes = {} }: NonNullable<ParsedManifest['playlists']>[number],
  manifest: ParsedManifest,
  base: string,
): Variant[] {
  if (!uri) return [];
  const group = attributes.AUDIO === undefined ? {} : (manifest.mediaGroups?.AUDIO[attributes.AUDIO] ?? {});
  const absolute = resolve(uri, base);
  const soundtracks = Object.values(group).map((rendition) => {
    const own = rendition.uri === undefined ? absolute : resolve(rendition.uri, base);
    return {
      default: rendition.default,
      autoselect: rendition.autoselect,
      ...(rendition.language !== undefined && { language: rendition.language }),
      ...(own !== absolute && { uri: own }),
    };
  });
  return [
    {
      uri: absolute,
      bandwidth: attributes.BANDWIDTH ?? 0,
      ...(attributes.RESOLUTION && { height: attributes.RESOLUTION.height }),
      ...(attributes.CODECS !== undefined && { codecs: attributes.CODECS }),
      ...(soundtracks.length > 0 && { soundtracks }),
    },
  ];
}

function mediaPlaylist(manifest: ParsedManifest, base: string): MediaPlaylist {
  // Never asked for; a server that leaves segments out all the same says how many (EXT-X-SKIP).
  const skipped = manifest.skip?.skippedSegments ?? 0;
  const first = sequenceNumber((manifest.mediaSequence ?? 0) + skipped);
  const longest = manifest.segments.reduce(
    (most, segment) => Math.max(most, segmentSeconds(segment.duration)),
    0,
  );
  return {
    targetDuration: segmentSeconds(manifest.targetDuration) || longest || fallbackTargetDuration,
    segments: manifest.segments.map((segment, index) => mediaSegment(segment, first + index, base)),
    ended: manifest.endList === true,
    numbered: true,
    ...(manifest.skip === undefined && lowLatency(manifest, first + manifest.segments.length, base)),
    ...(manifest.dateRanges?.length && { announcements: rangeAnnouncements(manifest.dateRanges) }),
  };
}

/** What is there before a segment is whole (RFC 8216bis, Low-Latency HLS). */
function lowLatency(
  { partTargetDuration, serverControl, preloadSegment, segments }: ParsedManifest,
  sequence: number,
  base: string,
): Pick<MediaPlaylist, 'partTarget' | 'open' | 'blocks'> {
  const blocks = serverControl?.canBlockReload === true && { blocks: true as const };
  if (partTargetDuration === undefined || !(partTargetDuration > 0)) return { ...blocks };
  const parts = preloadSegment?.parts?.map((each) => segmentPart(each, sequence, base)) ?? [];
  const {
    uri: _,
    range: __,
    parts: ___,
    ...open
  } = mediaSegment({ ...preloadSegment, ...dateAfter(segments.at(-1)), uri: '' }, sequence, base);
  const duration = parts.reduce((sum, part) => sum + part.duration, 0);
  return {
    ...blocks,
    partTarget: partTargetDuration,
    ...(parts.length > 0 && { open: { ...open, duration, parts } }),
  };
}

/** Numbers are 64 bits wide (RFC 8216 §4.1); those that a number here cannot tell apart are none. */
function sequenceNumber(number: number): number {
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new IngressError('NotMedia', 'the playlist numbers its segments with what is no sequence number');
}

/** The parser dates segments once they are whole. */
function dateAfter(last: ParsedSegment | undefined): Pick<ParsedSegment, 'programDateTime'> {
  if (last?.programDateTime === undefined) return {};
  return { programDateTime: last.programDateTime + 1000 * (last.duration ?? 0) };
}

function segmentPart(part: ParsedPart, sequence: number, base: string): SegmentPart {
  return { ...source(part, sequence, base), duration: segmentSeconds(part.duration), gap: part.gap === true };
}

function mediaSegment(segment: ParsedSegment, sequence: number, base: string): MediaSegment {
  const cues = tagCues(segment, sequence);
  return {
    ...source(segment, sequence, base),
    sequence,
    duration: segmentSeconds(segment.duration),
    ...(segment.map && { init: source(segment.map, sequence, base) }),
    discontinuity: segment.discontinuity === true,
    gap: segment.custom?.gap !== undefined,
    ...(segment.timeline !== undefined && { discontinuities: segment.timeline }),
    ...(segment.parts && { parts: segment.parts.map((part) => segmentPart(part, sequence, base)) }),
    ...(segment.programDateTime !== undefined && { clock: segment.programDateTime / 1000 }),
    ...(cues.length > 0 && { cues }),
  };
}

function source(
  { uri, byterange, key }: { uri: string; byterange?: ParsedByteRange; key?: ParsedKey },
  sequence: number,
  base: string,
): SegmentSource {
  return {
    uri: resolve(uri, base),
    ...(byterange && { range: range(byterange) }),
    ...(key && { key: segmentKey(key, sequence, base) }),
  };
}

function range({ offset, length }: ParsedByteRange): ByteRange {
  return { offset: offset ?? 0, length };
}

function segmentKey({ method, uri, iv }: ParsedKey, sequence: number, base: string): SegmentKey {
  if (!isMethod(method)) {
    throw new IngressError(
      'UnsupportedStream',
      `segments are encrypted with ${method}, which is not supported`,
    );
  }
  const address = uri === suppliedKey ? {} : { uri: resolve(uri, base) };
  return { method, ...address, iv: initialisationVector(iv, sequence) };
}

/** Explicit, or the media sequence number as a big-endian 128-bit integer (RFC 8216 §5.2). */
function initialisationVector(words: Uint32Array | undefined, sequence: number): Buffer {
  const iv = Buffer.alloc(16);
  if (words)
    for (const [index, word] of [...words.subarray(0, 4)].entries()) iv.writeUInt32BE(word, index * 4);
  else iv.writeBigUInt64BE(BigInt(sequence), 8);
  return iv;
}

function isMethod(method: string): method is SegmentKey['method'] {
  return ['AES-128', 'AES-256', 'AES-256-CTR', 'SAMPLE-AES', 'SAMPLE-AES-CTR'].includes(method);
}

function resolve(uri: string, base: string): string {
  if (!URL.canParse(uri, base))
    throw new IngressError('NotMedia', 'the playlist names something that is no URI');
  return new URL(uri, base).href;
}
