import type { DefectClass } from './injection.ts';
import { filterMetadata } from './peers/metadata.ts';
import type { PeerFilter } from './peers/peer-filter.ts';
import * as pictures from './peers/pictures.ts';
import * as sounds from './peers/sounds.ts';
import type { Span } from './spans.ts';

/**
 * What people use today for a class of defects: a filter of ffmpeg. It is helped where that is possible: what it finds
 * need only be in time, its best setting is chosen on the very files, and a filter that only scores gets a rule.
 */
export interface Peer {
  readonly name: 'ffmpeg';
  /** Such as `freezedetect`. */
  readonly filter: string;
  /**
   * What it finds in a file or local playlist of so many seconds, by setting; the first is as it comes.
   * @throws Error when ffmpeg cannot open it
   */
  spans(path: string, seconds: number): Promise<ReadonlyMap<string, readonly Span[]>>;
}

/** The filter for a detector, and for those of its kinds that have another. */
const filters: Readonly<Record<string, PeerFilter>> = {
  black: pictures.blackdetect,
  'block-corruption': pictures.blockdetect,
  blur: pictures.blurdetect,
  clipping: sounds.astatsClipping,
  dropout: sounds.shortSilencedetect,
  flat: pictures.signalstats,
  freeze: pictures.freezedetect,
  loudness: sounds.ebur128,
  'loudness/too-loud': sounds.ebur128Loud,
  'loudness/too-quiet': sounds.ebur128Quiet,
  'loudness/true-peak': sounds.astatsTruePeak,
  'phase/dc-offset': sounds.astatsOffset,
  'phase/inverted': sounds.aphasemeterInverted,
  'phase/mono': sounds.aphasemeterMono,
  silence: sounds.silencedetect,
  stutter: pictures.mpdecimate,
};
/** `freezedetect` knows the whole picture alone. */
const without: readonly string[] = ['freeze/region'];

/**
 * Undefined where ffmpeg has no filter for the class: a part that stands still, a stream that stalls, sound and picture
 * out of step, a transport stream or playlist that breaks rules, another programme than the reference.
 */
export function peerFor({ detector, kinds = [] }: Pick<DefectClass, 'detector' | 'kinds'>): Peer | undefined {
  const kind = `${detector}/${kinds[0]}`;
  const own = without.includes(kind) ? undefined : (filters[kind] ?? filters[detector]);
  return own && peer(own);
}

function peer({ filter, branches, settings }: PeerFilter): Peer {
  return {
    ...{ name: 'ffmpeg', filter },
    async spans(path, seconds) {
      const outputs = await filterMetadata(path, branches);
      return new Map(settings.map((setting) => [setting.label, setting.spans(outputs, seconds)]));
    },
  };
}
