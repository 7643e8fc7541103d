import type { CleanClass } from '../injection.ts';
import { hardSounds } from './making/hard-negative.ts';

export default [
  hardSounds({
    name: 'sound',
    description: 'the sound is made quiet, gated, limited, widened, or swells in a rhythm',
    variants: {
      quiet: { graph: () => '[0:a]volume=-25dB[a]' },
      // Opens and closes within milliseconds, as on a microphone.
      'noise gate': { graph: () => '[0:a]agate=threshold=0.004:ratio=20:attack=3:release=60[a]' },
      swelling: { graph: () => '[0:a]tremolo=f=4:d=0.98[a]' },
      limited: { graph: () => '[0:a]volume=12dB,alimiter=limit=0.89:level=false[a]' },
      widened: { graph: () => '[0:a]extrastereo=m=2:c=false,alimiter=limit=0.89:level=false[a]' },
    },
  }),
] satisfies readonly CleanClass[];
