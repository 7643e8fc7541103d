import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import type { DetectorCosts } from './cost.ts';

/** What the built-in detectors declare, by type. */
export const detectorCosts: DetectorCosts = Object.fromEntries(
  Object.values(detectorCatalogue).map(({ type, cost, needs }) => [
    type,
    { ...cost, usesReference: needs.includes('reference') },
  ]),
);
