import type { Incident } from '../../crds/incident.ts';

/** Name of an incident revision's picture, below the evidence route and the evidence prefix of the results. */
export function evidenceFileName({ id, revision }: Pick<Incident, 'id' | 'revision'>): string {
  return `${id}-${revision}.jpg`;
}
