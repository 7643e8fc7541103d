import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase } from '../phase.ts';

/** Until the last status that was held back is written, in ms. */
const aftermath = 20_000;

export const steady: Phase = {
  name: 'steady',
  what: 'nothing happens',
  before: () => sleep(aftermath),
  act: (_bed, { quiet }) => sleep(quiet * 1000),
};
