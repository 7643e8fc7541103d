import type { InjectedDefect } from './injected-defects.ts';
import type { ReceivedChange } from './webhook-receiver.ts';

/** An injected defect and the first notification of an incident that is about it. */
export interface Found {
  readonly defect: InjectedDefect;
  readonly opened?: ReceivedChange;
  readonly closed: boolean;
}

export interface Verdict {
  readonly found: readonly Found[];
  /** Incidents in times and streams without any injected defect. */
  readonly falseAlarms: readonly ReceivedChange[];
}

/** Clocks of sender and monitor differ by what lies in buffers on the way, in ms. */
const slack = 6000;
/** An incident that a defect causes in passing, such as a stall after lost packets, begins at most this much later. */
const aftermath = 10_000;

/** Holds what was notified against what was injected. */
export function judge(defects: readonly InjectedDefect[], changes: readonly ReceivedChange[]): Verdict {
  const opened = changes.filter(({ change }) => change === 'opened');
  const closedIds = new Set(
    changes.filter(({ change }) => change === 'closed').map(({ incident }) => incident.id),
  );
  const found = defects.map((defect) => {
    const match = opened.find(
      ({ incident, at }) =>
        incident.stream === defect.stream &&
        incident.detector === defect.detector &&
        at >= defect.startTime - slack &&
        at <= defect.endTime + slack,
    );
    return {
      defect,
      closed: match !== undefined && closedIds.has(match.incident.id),
      ...(match && { opened: match }),
    };
  });
  const falseAlarms = opened.filter(
    ({ incident, at }) =>
      !defects.some(
        ({ stream, startTime, endTime }) =>
          stream === incident.stream && at >= startTime - slack && at <= endTime + aftermath,
      ),
  );
  return { found, falseAlarms };
}

/** `injected / detected / delay`, one line a defect. */
export function table({ found, falseAlarms }: Verdict): string {
  const rows = found.map(({ defect, opened, closed }) => [
    defect.stream,
    defect.detector,
    defect.description,
    opened ? `yes (${opened.incident.kind})` : 'MISSED',
    opened ? `${((opened.at - defect.startTime) / 1000).toFixed(1)} s` : '',
    opened ? (closed ? 'closed' : 'open') : '',
  ]);
  const falseRows = falseAlarms.map(({ incident }) => [
    incident.stream,
    incident.detector,
    'nothing was injected',
    `FALSE ALARM (${incident.kind})`,
    '',
    '',
  ]);
  return aligned([['stream', 'detector', 'injected', 'detected', 'delay', 'now'], ...rows, ...falseRows]);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
