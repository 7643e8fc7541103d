import { type MpdManifest, type MpdPlaylist, type MpdSegment, type MpdSource, parse } from 'mpd-parser';
import type { IngressOptions } from '../ingress.ts';
import { IngressError } from '../ingress.ts';
import type { MediaPlaylist, MediaSegment, SegmentSource } from './media-playlist.ts';
import { chooseVariant, type Variant } from './rendition-choice.ts';

/** Representations to watch, by id; without video only `main`. */
export interface ChosenRepresentations {
  readonly main: string;
  readonly audio?: string;
}

/**
 * Reads a DASH manifest (ISO/IEC 23009-1); `previous` is the one before it, whose numbering goes on.
 * @throws IngressError NotMedia, EmptyPlaylist, or UnsupportedStream when it needs a licence
 */
export function parseDashManifest(
  text: string,
  base: string,
  now: number,
  previous: MpdManifest | undefined,
): MpdManifest {
  let manifest: MpdManifest;
  try {
    manifest = parse(text, { manifestUri: base, NOW: now, ...(previous && { previousManifest: previous }) });
  } catch (error) {
    const empty = error instanceof Error && /EMPTY_MANIFEST|NUMBER_OF_PERIOD/.test(error.message);
    throw new IngressError(
      empty ? 'EmptyPlaylist' : 'NotMedia',
      `the DASH manifest ${empty ? 'has no period' : 'is malformed'}`,
    );
  }
  const all = representations(manifest);
  if (all.length === 0) throw new IngressError('EmptyPlaylist', 'the DASH manifest lists no representation');
  if (all.some((playlist) => playlist.contentProtection)) {
    throw new IngressError(
      'UnsupportedStream',
      'the segments are encrypted for a licence system (Common Encryption)',
    );
  }
  return manifest;
}

/** The representations to watch: video by the wish, and the first audio of the highest bandwidth. */
export function chooseRepresentations(
  manifest: MpdManifest,
  choice: IngressOptions['rendition'],
): ChosenRepresentations {
  const video = chooseVariant((manifest.playlists ?? []).map(asVariant), choice);
  const groups = Object.values(manifest.mediaGroups?.AUDIO.audio ?? {});
  const group = groups.find((candidate) => candidate.default) ?? groups[0];
  const audio = chooseVariant((group?.playlists ?? []).map(asVariant), 'highest');
  const main = video ?? audio;
  if (!main) throw new IngressError('EmptyPlaylist', 'the DASH manifest lists no representation');
  return { main: main.uri, ...(video && audio && { audio: audio.uri }) };
}

/** @throws IngressError NotFound when the manifest no longer has the representation */
export function representationPlaylist(manifest: MpdManifest, id: string): MediaPlaylist {
  const playlist = representations(manifest).find((candidate) => candidate.attributes.NAME === id);
  if (!playlist) throw new IngressError('NotFound', 'the DASH manifest no longer lists the representation');
  const segments = playlist.sidx
    ? [wholeResource(playlist.sidx, manifest.duration ?? 0)]
    : (playlist.segments ?? []).map(mediaSegment);
  return {
    targetDuration: Math.max(1, ...segments.map((segment) => segment.duration)),
    segments,
    ended: playlist.endList,
  };
}

function representations(manifest: MpdManifest): MpdPlaylist[] {
  const audio = Object.values(manifest.mediaGroups?.AUDIO.audio ?? {}).flatMap(
    (group) => group.playlists ?? [],
  );
  return [...(manifest.playlists ?? []), ...audio];
}

function asVariant({ attributes }: MpdPlaylist): Variant {
  return {
    uri: attributes.NAME,
    bandwidth: attributes.BANDWIDTH ?? 0,
    ...(attributes.RESOLUTION?.height !== undefined && { height: attributes.RESOLUTION.height }),
    ...(attributes.CODECS !== undefined && { codecs: attributes.CODECS }),
  };
}

function mediaSegment(segment: MpdSegment): MediaSegment {
  return {
    ...source(segment),
    sequence: segment.number,
    duration: segment.duration,
    ...(segment.map && { init: source(segment.map) }),
    discontinuity: segment.discontinuity === true,
    gap: false,
  };
}

/** With SegmentBase one resource holds everything in order; its index is for seeking. */
function wholeResource({ resolvedUri }: MpdSource, duration: number): MediaSegment {
  return { uri: resolvedUri, sequence: 0, duration, discontinuity: false, gap: false };
}

function source({ resolvedUri, byterange }: MpdSource): SegmentSource {
  return {
    uri: resolvedUri,
    ...(byterange && { range: { offset: Number(byterange.offset), length: Number(byterange.length) } }),
  };
}
