import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import type { PageIncidentDetail } from '../../crds/page-api.ts';
import type { IncidentArchive } from '../evidence/incident-archive.ts';

/** The answer of `GET /api/incidents/{id}`; `undefined` for an incident that is not kept here. */
export function incidentDetail(
  archive: Pick<IncidentArchive, 'get'>,
  id: string,
  region: string | undefined,
): PageIncidentDetail | undefined {
  const incident = archive.get(id);
  if (!incident) return undefined;
  const title = detectorCatalogue[incident.detector]?.title;
  return {
    time: new Date().toISOString(),
    ...(region !== undefined && { region }),
    incident: { ...incident, ...(title !== undefined && { title }) },
  };
}
