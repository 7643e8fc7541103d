import { type Condition, conditions } from './condition.ts';

export type Order = 'problems' | 'name';
export type TileSize = 'small' | 'medium' | 'large';

/** What the page shows, all of it in the URL's fragment: a link or a reload shows the same. */
export interface View {
  /** `namespace/monitor/name` of the stream that is looked at; the wall without. */
  readonly stream?: string;
  /** Id of the incident that is looked at, whatever became of its stream. */
  readonly incident?: string;
  readonly condition?: Condition;
  readonly search: string;
  readonly order: Order;
  readonly size: TileSize;
}

const orders: readonly Order[] = ['problems', 'name'];
const sizes: readonly TileSize[] = ['small', 'medium', 'large'];

/** Reads a fragment such as `#/stream/live/sports/channel-1?state=critical&q=news`; what it does not know is ignored. */
export function parseView(hash: string): View {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parameters = new URLSearchParams(query);
  const segments = path.split('/').filter(Boolean);
  const [kind, ...rest] = segments.map(decode);
  const condition = conditions.find((name) => name === parameters.get('state'));
  return {
    ...(kind === 'stream' && rest.length === 3 && { stream: rest.join('/') }),
    ...(kind === 'incident' && rest.length === 1 && { incident: rest[0]! }),
    ...(condition && { condition }),
    search: parameters.get('q') ?? '',
    order: orders.find((name) => name === parameters.get('order')) ?? 'problems',
    size: sizes.find((name) => name === parameters.get('size')) ?? 'medium',
  };
}

/** The fragment of a view; defaults are left out. */
export function viewHash({ stream, incident, condition, search, order, size }: View): string {
  const parameters = new URLSearchParams();
  if (condition) parameters.set('state', condition);
  if (search) parameters.set('q', search);
  if (order !== 'problems') parameters.set('order', order);
  if (size !== 'medium') parameters.set('size', size);
  const path = pathOf(stream, incident);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

/** The fragment of an incident alone: a link to be handed on. */
export function incidentHash(incident: string): string {
  return pathOf(undefined, incident);
}

function pathOf(stream: string | undefined, incident: string | undefined): string {
  if (incident !== undefined) return `#/incident/${encodeURIComponent(incident)}`;
  return stream === undefined ? '#/' : `#/stream/${stream.split('/').map(encodeURIComponent).join('/')}`;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
