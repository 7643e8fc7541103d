import { IngressError, type IngressOptions } from './ingress.ts';
import { type OpenResource, readAll } from './resource.ts';
import { parseHlsPlaylist } from './segmented/hls-playlist.ts';
import type { MediaPlaylist, PlaylistPosition, Rendition } from './segmented/media-playlist.ts';
import { chooseVariant, refuseHeight } from './segmented/rendition-choice.ts';
import { chooseSoundtrack } from './segmented/soundtrack-choice.ts';

/** What the choice of renditions depends on. */
export type RenditionOptions = Pick<IngressOptions, 'rendition' | 'soundtrack' | 'keys'>;

/** A day of two-second segments with long signed URIs stays below it. */
export const largestPlaylist = 16 * 1024 * 1024;

/**
 * The renditions to read of an HLS stream whose first playlist is `text`, loaded from `uri`; `base` is where
 * redirects led.
 * @throws IngressError
 */
export function hlsRenditions(
  text: string,
  { uri, base }: { readonly uri: string; readonly base: string },
  options: RenditionOptions,
  open: OpenResource,
): Rendition[] {
  const keyed = options.keys !== undefined;
  const parsed = parseHlsPlaylist(text, base, keyed);
  if (parsed.kind === 'media') {
    refuseHeight(options);
    return [
      {
        carries: 'program',
        load: loadFirst(parsed.playlist, (signal, wanted) =>
          loadMediaPlaylist(asking(uri, wanted), keyed, open, signal),
        ),
      },
    ];
  }
  const variant = chooseVariant(parsed.variants, options.rendition);
  if (!variant) throw new IngressError('EmptyPlaylist', 'the playlist lists no variant');
  const chosen = chooseSoundtrack(variant.soundtracks ?? [], options.soundtrack);
  const audioUri = chosen?.rendition.uri;
  const soundtrack = chosen && { soundtrack: chosen.soundtrack };
  const load =
    (from: string): Rendition['load'] =>
    (signal, wanted) =>
      loadMediaPlaylist(asking(from, wanted), keyed, open, signal);
  if (audioUri === undefined) return [{ carries: 'program', ...soundtrack, load: load(variant.uri) }];
  return [
    { carries: 'video', load: load(variant.uri) },
    { carries: 'audio', ...soundtrack, load: load(audioUri) },
  ];
}

/** Asks the server to hold its answer until it has the wanted (RFC 8216bis §6.2.5.2). Nothing else of a URI changes: it may be signed. */
function asking(uri: string, wanted: PlaylistPosition | undefined): string {
  if (!wanted) return uri;
  const part = wanted.part === undefined ? '' : `&_HLS_part=${wanted.part}`;
  return `${uri}${uri.includes('?') ? '&' : '?'}_HLS_msn=${wanted.sequence}${part}`;
}

/** What was loaded already is not loaded again. */
function loadFirst(loaded: MediaPlaylist, load: Rendition['load']): Rendition['load'] {
  let first: MediaPlaylist | undefined = loaded;
  return async (signal, wanted) => {
    const playlist = first ?? (await load(signal, wanted));
    first = undefined;
    return playlist;
  };
}

async function loadMediaPlaylist(
  uri: string,
  keyed: boolean,
  open: OpenResource,
  signal: AbortSignal,
): Promise<MediaPlaylist> {
  const resource = await open(uri, { what: 'playlist', signal });
  const text = (await readAll(resource.chunks, largestPlaylist, 'playlist')).toString('utf8');
  if (text.trim() === '') throw new IngressError('EmptyPlaylist', 'the playlist is empty');
  const parsed = parseHlsPlaylist(text, resource.uri, keyed);
  if (parsed.kind !== 'media') {
    throw new IngressError('NotMedia', 'a variant is itself a list of variants');
  }
  return parsed.playlist;
}
