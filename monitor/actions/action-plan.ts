import type { ActionSettings } from '../../crds/assignment.ts';
import type { Incident } from '../../crds/incident.ts';
import { isFor } from '../notifications/incident-filter.ts';

/** What is known of an incident and an action at one moment. */
export interface ActionFacts {
  readonly action: ActionSettings;
  readonly incident: Incident;
  /** Whether the defect is there now: one that may come back is not acted upon. */
  readonly present: boolean;
  /** When the action was last taken for the stream, in ms since 1970. */
  readonly lastTaken?: number;
  /** Wall clock in ms since 1970. */
  readonly now: number;
}

/**
 * What is to be done about an open incident: `take` the action, wait for the `cooldown` although it is due, `resume`
 * what an earlier process or shard began and nobody answered, or nothing (yet). Pure.
 */
export function nextStep({
  action,
  incident,
  present,
  lastTaken,
  now,
}: ActionFacts): 'take' | 'cooldown' | 'resume' | 'none' {
  const begun = incident.actions?.find(({ name }) => name === action.name);
  if (begun) return begun.outcome === 'pending' ? 'resume' : 'none';
  if (!present || !isFor(action.match, incident)) return 'none';
  if (now - Date.parse(incident.openedAt) < action.after * 1000) return 'none';
  const cooling = lastTaken !== undefined && Math.abs(now - lastTaken) < action.cooldown * 1000;
  return cooling ? 'cooldown' : 'take';
}
