import { type Condition, conditions } from './condition.ts';

export type Order = 'problems' | 'name';
export type TileSize = 'small' | 'medium' | 'large';

/** What the page shows, all of it in the URL's fragment: a link or a reload shows the same. */
export interface View {
  /** `namespace/monitor/name` of the stream that is looked at; the wall without. */
  readonly stream?: string;
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
  const condition = conditions.find((name) => name === parameters.get('state'));
  return {
    ...(segments[0] === 'stream' &&
      segments.length === 4 && { stream: segments.slice(1).map(decode).join('/') }),
    ...(condition && { condition }),
    search: parameters.get('q') ?? '',
    order: orders.find((name) => name === parameters.get('order')) ?? 'problems',
    size: sizes.find((name) => name === parameters.get('size')) ?? 'medium',
  };
}

/** The fragment of a view; defaults are left out. */
export function viewHash({ stream, condition, search, order, size }: View): string {
  const parameters = new URLSearchParams();
  if (condition) parameters.set('state', condition);
  if (search) parameters.set('q', search);
  if (order !== 'problems') parameters.set('order', order);
  if (size !== 'medium') parameters.set('size', size);
  const path =
    stream === undefined ? '#/' : `#/stream/${stream.split('/').map(encodeURIComponent).join('/')}`;
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
