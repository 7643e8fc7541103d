import type { ExplainTarget } from '../explain/explain-target.ts';
import type { TopStream } from './top-stream.ts';

/** By what the lines can be ordered: what needs attention first, else the name, or the largest first. */
export const orders = ['attention', 'name', 'score', 'blind', 'lag', 'cpu'] as const;
export type Order = (typeof orders)[number];

export interface TopFilter {
  readonly target?: ExplainTarget;
  /** Lower case. */
  readonly states?: readonly string[];
  /** Only those with a defect now. */
  readonly defective?: boolean;
}

/** What is to be shown, in order. */
export function ordered(streams: readonly TopStream[], order: Order, filter: TopFilter = {}): TopStream[] {
  return streams.filter((stream) => passes(stream, filter)).sort((a, b) => compared(a, b, order));
}

export function nameOf({ namespace, monitor, stream }: TopStream): string {
  return `${namespace}/${monitor}/${stream}`;
}

function passes(stream: TopStream, { target, states, defective }: TopFilter): boolean {
  if (target && target.monitor !== stream.monitor) return false;
  // A stream may be its renditions.
  const isMeant = (name: string) => stream.stream === name || stream.stream.startsWith(`${name}@`);
  if (target?.stream !== undefined && !isMeant(target.stream)) return false;
  if (states && !states.includes(stream.state.toLowerCase())) return false;
  return !defective || stream.defects.length > 0;
}

function compared(a: TopStream, b: TopStream, order: Order): number {
  const difference = order === 'name' ? 0 : weight(b, order) - weight(a, order);
  return difference || nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true });
}

function weight(stream: TopStream, order: Exclude<Order, 'name'>): number {
  switch (order) {
    case 'attention':
      return attention(stream);
    case 'score':
      return stream.defects[0]?.score ?? 0;
    case 'blind':
      return stream.blindSeconds ?? 0;
    case 'lag':
      return stream.lagSeconds ?? 0;
    case 'cpu':
      return stream.cpu ?? 0;
  }
}

const severityWeights = { critical: 3, warning: 2, info: 1 } as const;
const stateWeights: Readonly<Record<TopStream['state'], number>> = {
  Down: 9,
  NoCapacity: 8,
  Unknown: 7,
  Waiting: 3,
  Starting: 2,
  Moving: 1,
  Leaving: 1,
  Placed: 0,
  Up: 0,
  Ended: -1,
  OutsideWindow: -2,
  Suspended: -3,
};

/** What is not watched, then what is worst to a viewer. */
function attention({ state, defects }: TopStream): number {
  const worst = defects[0] ? severityWeights[defects[0].severity] + 3 : 0;
  return Math.max(stateWeights[state], worst) * 1000 + Math.min(defects.length, 999);
}
