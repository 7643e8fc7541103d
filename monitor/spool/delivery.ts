/** What became of an attempt to deliver an item. Reasons are short, bounded and free of secrets. */
export type Verdict =
  | { readonly result: 'delivered' }
  /** `retryAfter`: seconds of rest that the destination asked for. */
  | { readonly result: 'retry'; readonly reason: string; readonly retryAfter?: number }
  | { readonly result: 'refused'; readonly reason: string };

/** There is a reason to try again. */
export type Retry = Extract<Verdict, { readonly result: 'retry' }>;

/** What the metrics count. */
export interface DeliveryOutcome {
  readonly sink: 'webhook' | 'alertmanager' | 's3' | 'directory';
  /** `retried` counts attempts; each item ends as one of the others. `dropped`: the spool was full. */
  readonly outcome: 'delivered' | 'retried' | 'failed' | 'dropped';
  /** The StreamMonitor, where the item is of one alone. */
  readonly namespace?: string;
  readonly monitor?: string;
  /** With `delivered`: from what is told of (the defect opened, the object closed) to its acknowledgement. */
  readonly latencySeconds?: number;
}

/** How a dispatcher's word for what became of an item is counted; `since` and `now` in ms since 1970. */
export function outcomeOf(
  result: Verdict['result'] | 'dropped',
  since: number,
  now: number,
): Pick<DeliveryOutcome, 'outcome' | 'latencySeconds'> {
  switch (result) {
    case 'delivered':
      return { outcome: 'delivered', latencySeconds: Math.max(0, (now - since) / 1000) };
    case 'retry':
      return { outcome: 'retried' };
    case 'refused':
      return { outcome: 'failed' };
    case 'dropped':
      return { outcome: 'dropped' };
  }
}

export type OnOutcome = (outcome: DeliveryOutcome) => void;
