import { resolveDetector } from '../../crds/detector-settings.ts';
import type { DetectorDefinition, EpochObservation } from '../../monitor/detectors/contract.ts';
import type { InputForm, InputKind } from '../../monitor/ingress/input-kinds.ts';

/** Whether a detector judges by something: not without it, better with it, or whether or not it is there. */
export type Need = 'needed' | 'used' | undefined;

export const aspects = ['video', 'audio', 'transport', 'playlist', 'reference'] as const;
export type Aspect = (typeof aspects)[number];

type Facts = Omit<EpochObservation, 'type' | 'time'>;

const everything: Facts = {
  hasVideo: true,
  hasAudio: true,
  transportSeen: true,
  container: 'mpegts',
  playlistSeen: true,
  hasReference: true,
};

const { playlistSeen: _, ...noPlaylist } = everything;
const { hasReference: __, ...noReference } = everything;

const without: Readonly<Record<Aspect, Facts>> = {
  video: { ...everything, hasVideo: false },
  audio: { ...everything, hasAudio: false },
  transport: { ...everything, transportSeen: false },
  playlist: noPlaylist,
  reference: noReference,
};

/** What a detector's manifest asks for, and what of it the detector itself says that it cannot judge without. */
export function needOf(definition: DetectorDefinition, aspect: Aspect): Need {
  if (lack(definition, without[aspect]) !== undefined) return 'needed';
  const { needs } = definition.manifest;
  switch (aspect) {
    case 'video':
      return needs.includes('native') || needs.includes('reduced') ? 'used' : undefined;
    case 'playlist':
      return undefined;
    case 'transport':
      // What of the evidence is the playlist's own is no packet.
      return needs.includes('transport') && needOf(definition, 'playlist') === undefined ? 'used' : undefined;
    default:
      return needs.includes(aspect) ? 'used' : undefined;
  }
}

/** The forms of an input in which a detector judges, and those in which it does so without transport evidence. */
export function worksWith(
  definition: DetectorDefinition,
  { forms }: InputKind,
): { readonly works: readonly InputForm[]; readonly withLess: readonly InputForm[] } {
  const works = forms.filter((form) => lack(definition, factsOf(form)) === undefined);
  const usesTransport = needOf(definition, 'transport') === 'used';
  return { works, withLess: works.filter(({ transportSeen }) => usesTransport && !transportSeen) };
}

function factsOf({ transportSeen, playlistSeen, container }: InputForm): Facts {
  const { hasVideo, hasAudio } = everything;
  return {
    ...{ hasVideo, hasAudio, hasReference: true, transportSeen },
    ...(playlistSeen && { playlistSeen }),
    ...(container && { container }),
  };
}

/** Why it cannot judge, where it could if everything was there. */
function lack(definition: DetectorDefinition, facts: Facts): string | undefined {
  const reason = unknownAtStart(definition, facts);
  return reason === unknownAtStart(definition, everything) ? undefined : reason;
}

function unknownAtStart({ manifest, create }: DetectorDefinition, facts: Facts): string | undefined {
  const { parameters, minDuration } = resolveDetector(manifest);
  const said = create(parameters as never, { minDuration }).step({ type: 'epoch', time: 0, ...facts });
  const last = said.findLast((each) => 'unknown' in each);
  return last && 'unknown' in last ? last.unknown : undefined;
}
