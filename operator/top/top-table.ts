import { painted, type Style } from '../../cli/terminal.ts';
import { textTable } from '../../cli/text-table.ts';
import type { Severity } from '../../crds/detector-manifest.ts';
import { duration } from '../explain/watching-text.ts';
import { nameOf } from './top-order.ts';
import type { TopStream } from './top-stream.ts';

const head = ['STREAM', 'STATE', 'DEFECT', 'SCORE', 'OPEN', 'BLIND', 'LAG', 'CPU', 'UNKNOWN', 'WHY'];

/** How many streams there are of each kind, in one line. */
export function summaryText(streams: readonly TopStream[]): string {
  const defective = streams.filter(({ defects }) => defects.length > 0).length;
  const states = Map.groupBy(streams, ({ state }) => state);
  const counts = [...states].map(([state, of]) => painted(styleOf(state), `${of.length} ${state}`));
  const defects = painted(defective > 0 ? 'yellow' : 'green', `${defective} with defects`);
  const all = `${streams.length} ${streams.length === 1 ? 'stream' : 'streams'}`;
  return [all, ...counts, defects].join(', ');
}

/** A line for each stream, of at most so many columns where they are given. */
export function topTable(streams: readonly TopStream[], columns?: number): string[] {
  return textTable(head, streams.map(row), columns);
}

function row(stream: TopStream): string[] {
  const { state, defects, blindSeconds, lagSeconds, cpu, unknown, reason, message } = stream;
  const [worst] = defects;
  return [
    nameOf(stream),
    painted(styleOf(state), state),
    worst ? painted(severityStyles[worst.severity], `${worst.severity} ${worst.detector}`) : '-',
    worst ? worst.score.toFixed(2) : '-',
    String(defects.length),
    blindSeconds === undefined ? '-' : duration(blindSeconds),
    lagSeconds === undefined ? '-' : duration(lagSeconds),
    cpu === undefined ? '-' : `${Math.round(cpu)} ms/s`,
    String(Object.keys(unknown).length),
    state === 'Up' ? '' : whyText(reason, message),
  ];
}

function whyText(reason: string, message: string): string {
  return message === '' ? reason : `${reason}: ${message}`;
}

const severityStyles: Readonly<Record<Severity, Style>> = { critical: 'red', warning: 'yellow', info: 'dim' };

function styleOf(state: TopStream['state']): Style {
  if (state === 'Up') return 'green';
  if (state === 'Down' || state === 'NoCapacity') return 'red';
  return state === 'Suspended' || state === 'OutsideWindow' || state === 'Ended' ? 'dim' : 'yellow';
}
