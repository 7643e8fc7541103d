import type { IncidentFilter } from '../../crds/assignment.ts';
import { severities } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';

/**
 * Whether a receiver is for an incident as it is now; without a filter it is for all but those that were to be
 * expected, and those that are advisory: they alarm nobody.
 */
export function isFor(
  { streams, detectors, kinds, severity = 'warning' }: IncidentFilter = {},
  incident: Pick<Incident, 'stream' | 'detector' | 'kind' | 'severity' | 'suppressed'>,
): boolean {
  return (
    incident.suppressed === undefined &&
    (streams?.some((pattern) => fits(pattern, incident.stream)) ?? true) &&
    (detectors?.includes(incident.detector) ?? true) &&
    (kinds?.includes(incident.kind) ?? true) &&
    severities.indexOf(incident.severity) >= severities.indexOf(severity)
  );
}

/** `*` stands for any letters. Linear in the name: a regular expression with many stars could take for ever. */
function fits(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const part of others) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}
