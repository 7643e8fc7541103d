import { DOMParser } from '@xmldom/xmldom';
import {
  inheritAttributes,
  type MpdManifest,
  type MpdPlaylist,
  type MpdSegment,
  type MpdSource,
  toM3u8,
  toPlaylists,
} from 'mpd-parser';
import type { IngressOptions, Soundtrack } from '../ingress.ts';
import { IngressError } from '../ingress.ts';
import { eventAnnouncements } from './dash-breaks.ts';
import { refuseEndlessManifest, refuseHugeManifest } from './dash-size.ts';
import type { Announcement, MediaPlaylist, MediaSegment, SegmentSource } from './media-playlist.ts';
import { chooseVariant, type Variant } from './rendition-choice.ts';
import { segmentSeconds } from './segment-seconds.ts';
import { chooseSoundtrack } from './soundtrack-choice.ts';

/** A manifest as the parser reads it, with what it announces. */
export interface DashManifest extends MpdManifest {
  readonly announcements: readonly Announcement[];
}

/** Representations to watch, by id; without video only `main`. */
export interface ChosenRepresentations {
  readonly main: string;
  readonly audio?: string;
  readonly soundtrack?: Soundtrack;
}

/**
 * Reads a DASH manifest (ISO/IEC 23009-1); `previous` is the one before it, whose numbering goes on.
 * @param keyed whether the user supplied keys for encrypted segments
 * @throws IngressError NotMedia, EmptyPlaylist, or UnsupportedStream when it needs a key that is not there
 */
export function parseDashManifest(
  text: string,
  base: string,
  now: number,
  { keyed, previous }: { readonly keyed: boolean; readonly previous?: MpdManifest },
): DashManifest {
  refuseHugeManifest(text);
  const root = readXml(text);
  // Encryption may be declared at a set or at a representation, of which the parser reports the former only.
  if (!keyed && root.getElementsByTagName('ContentProtection').length > 0) {
    throw new IngressError(
      'UnsupportedStream',
      'the segments are encrypted for a licence system (Common Encryption): give their key with decryption.keyFrom',
    );
  }
  let manifest: DashManifest;
  try {
    const { representationInfo, eventStream } = inheritAttributes(root, { manifestUri: base, NOW: now });
    refuseEndlessManifest(representationInfo);
    const dashPlaylists = toPlaylists(representationInfo);
    manifest = {
      ...toM3u8({ dashPlaylists, ...(previous && { previousManifest: previous }) }),
      announcements: eventAnnouncements(root, eventStream),
    };
  } catch (error) {
    if (error instanceof IngressError) throw error;
    if (error instanceof Error && error.message === 'INVALID_NUMBER_OF_PERIOD') {
      throw new IngressError('EmptyPlaylist', 'the DASH manifest has no period');
    }
    throw malformed();
  }
  if (representations(manifest).length === 0) {
    throw new IngressError('EmptyPlaylist', 'the DASH manifest lists no representation');
  }
  return manifest;
}

/** The parser's own reading prints what it dislikes, and so parts of an upstream body, to the console. */
function readXml(text: string): Element {
  const refuse = () => {
    throw malformed();
  };
  const errorHandler = { warning: () => {}, error: refuse, fatalError: refuse };
  let root: Element | null;
  try {
    root = new DOMParser({ errorHandler }).parseFromString(text, 'application/xml').documentElement;
  } catch {
    throw malformed();
  }
  if (root?.tagName !== 'MPD') throw malformed();
  return root;
}

function malformed(): IngressError {
  return new IngressError('NotMedia', 'the DASH manifest is malformed');
}

/** The representations to watch: video by the wish, and of the audio track to watch the highest bandwidth. */
export function chooseRepresentations(
  manifest: MpdManifest,
  { rendition, soundtrack: wish }: Pick<IngressOptions, 'rendition' | 'soundtrack'>,
): ChosenRepresentations {
  const video = chooseVariant((manifest.playlists ?? []).map(asVariant), rendition);
  const groups = Object.values(manifest.mediaGroups?.AUDIO.audio ?? {});
  const chosen = chooseSoundtrack(groups, wish);
  const audio = chooseVariant((chosen?.rendition.playlists ?? []).map(asVariant), 'highest');
  const main = video ?? audio;
  if (!main) throw new IngressError('EmptyPlaylist', 'the DASH manifest lists no representation');
  const soundtrack = chosen && { soundtrack: chosen.soundtrack };
  return { main: main.uri, ...soundtrack, ...(video && audio && { audio: audio.uri }) };
}

/** MPD@publishTime in ms since 1970, where the manifest has one (ISO/IEC 23009-1 §5.3.1.2). */
export function publishTime(text: string): number | undefined {
  const published = /<MPD[^>]*?\spublishTime="([^"]*)"/.exec(text)?.[1];
  const time = published === undefined ? Number.NaN : Date.parse(published);
  return Number.isNaN(time) ? undefined : time;
}

/** @throws IngressError NotFound when the manifest no longer has the representation */
export function representationPlaylist(
  manifest: DashManifest,
  id: string,
  published: number | undefined,
): MediaPlaylist {
  const playlist = representations(manifest).find((candidate) => candidate.attributes.NAME === id);
  if (!playlist) throw new IngressError('NotFound', 'the DASH manifest no longer lists the representation');
  const segments = playlist.sidx
    ? [wholeResource(playlist.sidx, manifest.duration ?? 0)]
    : (playlist.segments ?? []).map(mediaSegment);
  return {
    targetDuration: segments.reduce((most, { duration }) => Math.max(most, duration), 1),
    segments,
    ended: playlist.endList,
    numbered: false,
    ...(published !== undefined && { published }),
    ...(manifest.announcements.length > 0 && { announcements: manifest.announcements }),
    ...(manifest.minimumUpdatePeriod && { updatePeriod: manifest.minimumUpdatePeriod / 1000 }),
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
    duration: segmentSeconds(segment.duration),
    ...(segment.map && { init: source(segment.map) }),
    discontinuity: segment.discontinuity === true,
    gap: false,
    ...(segment.presentationTime !== undefined && { clock: segment.presentationTime }),
  };
}

/** With SegmentBase one resource holds everything in order; its index is for seeking. */
function wholeResource({ resolvedUri }: MpdSource, duration: number): MediaSegment {
  return {
    uri: resolvedUri,
    sequence: 0,
    duration: segmentSeconds(duration),
    discontinuity: false,
    gap: false,
  };
}

function source({ resolvedUri, byterange }: MpdSource): SegmentSource {
  return {
    uri: resolvedUri,
    ...(byterange && { range: { offset: Number(byterange.offset), length: Number(byterange.length) } }),
  };
}
