import { largestPlaylist, type RenditionOptions } from './hls.ts';
import { type OpenResource, readAll } from './resource.ts';
import {
  type ChosenRepresentations,
  chooseRepresentations,
  type DashManifest,
  parseDashManifest,
  publishTime,
  representationPlaylist,
} from './segmented/dash-manifest.ts';
import type { MediaPlaylist, Rendition } from './segmented/media-playlist.ts';

/** Video and audio ask for the manifest at about the same time; one load serves both. In ms. */
const freshFor = 500;

/**
 * The renditions to read of a DASH presentation whose manifest is `text`, loaded from `uri`; `base` is where
 * redirects led.
 * @throws IngressError
 */
export function dashRenditions(
  text: string,
  { uri, base }: { readonly uri: string; readonly base: string },
  options: RenditionOptions,
  open: OpenResource,
): Rendition[] {
  const presentation = new Presentation(text, { uri, base }, options, open);
  const { main, audio, soundtrack } = presentation.chosen;
  const load = (id: string) => (signal: AbortSignal) => presentation.load(id, signal);
  const sound = soundtrack && { soundtrack };
  if (audio === undefined) return [{ carries: 'program', ...sound, load: load(main) }];
  return [
    { carries: 'video', load: load(main) },
    { carries: 'audio', ...sound, load: load(audio) },
  ];
}

class Presentation {
  readonly chosen: ChosenRepresentations;
  readonly #uri: string;
  readonly #open: OpenResource;
  readonly #keyed: boolean;
  #text: string;
  #base: string;
  #published: number | undefined;
  #manifest: DashManifest;
  #loadedAt = performance.now();
  #loading: Promise<void> | undefined;

  constructor(
    text: string,
    { uri, base }: { readonly uri: string; readonly base: string },
    options: RenditionOptions,
    open: OpenResource,
  ) {
    this.#uri = uri;
    this.#open = open;
    this.#text = text;
    this.#base = base;
    this.#published = publishTime(text);
    this.#keyed = options.keys !== undefined;
    this.#manifest = parseDashManifest(text, base, Date.now(), { keyed: this.#keyed });
    this.chosen = chooseRepresentations(this.#manifest, options);
  }

  async load(id: string, signal: AbortSignal): Promise<MediaPlaylist> {
    this.#loading ??= this.#refresh(signal).finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
    return representationPlaylist(this.#manifest, id, this.#published);
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const age = performance.now() - this.#loadedAt;
    if (age < freshFor) return;
    if (age >= (this.#manifest.minimumUpdatePeriod ?? 0)) {
      const resource = await this.#open(this.#uri, { what: 'manifest', signal });
      this.#text = (await readAll(resource.chunks, largestPlaylist, 'manifest')).toString('utf8');
      this.#base = resource.uri;
      this.#published = publishTime(this.#text);
      this.#loadedAt = performance.now();
    }
    // An unchanged manifest lists more segments as time passes when they follow from a template.
    this.#manifest = parseDashManifest(this.#text, this.#base, Date.now(), {
      keyed: this.#keyed,
      previous: this.#manifest,
    });
  }
}
