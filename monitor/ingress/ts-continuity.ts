import { packetBytes } from './ts-packets.ts';
import type { PidState } from './ts-pid.ts';

/** How a packet follows the one before of its PID; a gap by the packets that are missing at least, modulo 16. */
export type Continuity = 'continuous' | 'duplicate' | 'restarted' | { readonly missing: number };

/**
 * Reads a packet's continuity counter (ISO/IEC 13818-1 §2.4.3.3) and keeps it in the state of its PID. A packet may be
 * sent twice, a discontinuity may be announced, and packagers restart counters at 0 with a segment.
 */
export function followCounter(
  state: PidState,
  { data, at }: { readonly data: Buffer; readonly at: number },
  { announced, segment }: { readonly announced: boolean; readonly segment: number },
): Continuity {
  const counter = data[at + 3]! & 0x0f;
  const previous = state.counter;
  const sameSegment = state.segment === segment;
  state.segment = segment;
  const tail =
    Math.imul(31, data.readInt32LE(at + packetBytes - 4)) ^ data.readInt32LE(at + packetBytes - 12);
  let continuity: Continuity = 'continuous';
  if (previous >= 0 && !announced && counter !== ((previous + 1) & 0x0f)) {
    if (counter === previous && tail === state.tail && !state.duplicated) {
      state.duplicated = true;
      return 'duplicate';
    }
    const missing = (counter - previous - 1) & 0x0f;
    continuity = !sameSegment && counter === 0 ? 'restarted' : { missing };
  }
  state.counter = counter;
  state.duplicated = false;
  state.tail = tail;
  return continuity;
}
