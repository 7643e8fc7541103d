import { type StreamScheme, streamSchemes } from '../../crds/stream-url.ts';
import type { IngressInput } from './ingress.ts';

/** What is looked into on the way to the decoder. */
export interface Sight {
  /** Packets or segments are tapped, so that a lack of evidence means health. */
  readonly transportSeen: boolean;
  /** A playlist or manifest is followed. */
  readonly playlistSeen?: true;
}

/** By how the media comes. */
export const sight = {
  /** Segments that a playlist or manifest lists. */
  segments: { transportSeen: true, playlistSeen: true },
  /** A transport stream that is read as it is sent. */
  packets: { transportSeen: true },
  /** Another container, or whatever ffmpeg opens itself. */
  unseen: { transportSeen: false },
} as const satisfies Record<string, Sight>;

/** One form in which an input can come. */
export interface InputForm extends Sight {
  /** What it is, where the input has several: `MPEG-TS`. */
  readonly name: string;
  readonly container?: NonNullable<IngressInput['format']>;
}

export interface InputKind {
  readonly title: string;
  readonly forms: readonly [InputForm, ...InputForm[]];
}

const transportStream = { name: 'MPEG-TS', container: 'mpegts' } as const;
const segmented = [
  { ...sight.segments, ...transportStream },
  { ...sight.segments, name: 'fMP4', container: 'mov' },
] as const;

function byScheme(title: string, scheme: StreamScheme): InputKind {
  const seen = streamSchemes[scheme] === 'ingress' ? { ...sight.packets, ...transportStream } : undefined;
  return { title, forms: [seen ?? { ...sight.unseen, name: 'any' }] };
}

/** Every kind of input, with what is seen of it. */
export const inputKinds: readonly InputKind[] = [
  { title: 'HLS', forms: segmented },
  { title: 'LL-HLS', forms: segmented },
  { title: 'DASH', forms: segmented },
  { title: 'HTTP-TS', forms: [{ ...sight.packets, ...transportStream }] },
  byScheme('UDP', 'udp'),
  byScheme('RTP', 'rtp'),
  byScheme('SRT', 'srt'),
  byScheme('RTMP', 'rtmp'),
  byScheme('RTSP', 'rtsp'),
  {
    title: 'file',
    forms: [
      { ...sight.packets, ...transportStream },
      ...segmented.map((form) => ({ ...form, name: `playlist of ${form.name}` })),
      { ...sight.unseen, name: 'other' },
    ],
  },
];
