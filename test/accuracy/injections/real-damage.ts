import type { DefectClass } from '../injection.ts';

/** Broadcasts that arrived damaged; when, somebody has read off their pictures. */
export default [
  {
    name: 'real damage',
    description:
      'nothing is injected: clips that were damaged on the air, at the times that their labels say',
    detector: 'block-corruption',
    damaged: true,
    // The labels count from where the sound begins, which is before the picture.
    beside: ['silence'],
    variants: ['as received'],
    suits: ({ picture }) => picture !== undefined,
    inject: ({ master }) =>
      Promise.resolve({
        path: master.path,
        seconds: master.seconds,
        events: master.clip.damage.map((span) => ({ span, visible: true })),
        excluded: [],
      }),
  },
] satisfies readonly DefectClass[];
