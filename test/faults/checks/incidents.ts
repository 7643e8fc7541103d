import type { Incident } from '../../../crds/incident.ts';
import type { IncidentEvent } from '../../../crds/incident-event.ts';
import type { Check, Finding } from '../check.ts';
import type { InjectedFreeze } from '../injected-freezes.ts';
import type { Round } from '../round.ts';

/** Buffers on the way make a defect begin and end later at the monitor than at its source, in ms. */
const slack = 4_000;

/** An incident as its receiver knows it. */
export interface ToldIncident {
  readonly last: Incident;
  /** Changes that were told, repetitions of one event left out. */
  readonly changes: readonly string[];
}

/** What the receiver made of all that came, by id. */
export function incidentsOf(events: readonly IncidentEvent[]): Map<string, ToldIncident> {
  const unique = [...new Map(events.map((event) => [event.id, event])).values()];
  const told = new Map<string, ToldIncident>();
  for (const { type, data } of unique) {
    const { incident } = data;
    const before = told.get(incident.id);
    const last = before && before.last.revision > incident.revision ? before.last : incident;
    told.set(incident.id, { last, changes: [...(before?.changes ?? []), type.split('.').at(-1)!] });
  }
  return told;
}

/** What is wrong with the incidents of one round. */
export function judgeIncidents(
  { defects, begunAt, struckAt, fault }: Pick<Round, 'defects' | 'begunAt' | 'struckAt' | 'fault'>,
  all: readonly ToldIncident[],
): Finding[] {
  const here = all.filter(({ last }) => Date.parse(last.openedAt) >= begunAt);
  const maybeLost = ({ last }: ToldIncident) => {
    const opened = Date.parse(last.openedAt);
    return fault.mayLose !== undefined && opened <= struckAt && opened >= struckAt - 1000 * fault.mayLose;
  };
  const missed = defects.flatMap((defect): Finding[] => {
    const about = here.filter(({ last }) => isAbout(last, defect));
    const kept = about.filter((incident) => !maybeLost(incident));
    const wrong = about.length !== 1 || about.some((incident) => !isWhole(incident));
    if (!wrong) return [];
    const allowed = about.length > kept.length && kept.length <= 1 && kept.every(isWhole);
    return [
      {
        expected: `one incident of ${defect.stream}, opened once and closed once as recovered`,
        found: about.map(textOf).join('; ') || 'none',
        ...(allowed && { allowed }),
      },
    ];
  });
  const raised = here.filter(({ last }) => !defects.some((defect) => isAbout(last, defect)));
  return [
    ...missed,
    ...raised.map((incident) => ({ expected: 'no incident without a defect', found: textOf(incident) })),
  ];
}

function isAbout(
  incident: Incident,
  { stream, from, to = Number.POSITIVE_INFINITY }: InjectedFreeze,
): boolean {
  if (incident.stream !== stream || incident.detector !== 'freeze') return false;
  const end = incident.endTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(incident.endTime);
  return Date.parse(incident.startTime) <= to + slack && end >= from - slack;
}

function isWhole({ last, changes }: ToldIncident): boolean {
  const count = (change: string) => changes.filter((each) => each === change).length;
  return count('opened') === 1 && count('closed') === 1 && last.closeReason === 'recovered';
}

function textOf({ last, changes }: ToldIncident): string {
  const { id, stream, detector, kind, closeReason = 'open' } = last;
  return `${detector} (${kind}) of ${stream}, ${id.slice(0, 8)}, ${changes.join(' ')}, ${closeReason}`;
}

export default {
  name: 'incidents',
  afterFault: (bed, round) => judgeIncidents(round, [...incidentsOf(bed.there.told).values()]),
} satisfies Check;
