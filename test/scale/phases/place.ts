import { fleetOf } from '../fleet.ts';
import type { Phase } from '../phase.ts';

/** @param streams that are placed */
export function place(streams: number): Phase {
  return {
    name: 'place',
    what: 'all StreamMonitors are written',
    act: async (bed) => {
      for (const monitor of fleetOf(streams, bed.seed)) await bed.ask(monitor);
    },
  };
}
