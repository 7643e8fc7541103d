import type { AccessPointScan, VideoCodec } from './ts-access-point.ts';
import type { ReferredPid } from './ts-indicators.ts';
import { SectionAssembler } from './ts-program.ts';

/** PIDs that every receiver reads tables from: PAT, CAT, NIT, SDT (ETSI EN 300 468 §5.1.3). */
export const tablePids = new Set([0x00, 0x01, 0x10, 0x11]);

/** What is known of a PID of a transport stream. */
export interface PidState extends ReferredPid {
  readonly pid: number;
  track: 'video' | 'audio' | 'other';
  codec: VideoCodec;
  /** Last continuity counter, or −1 where the next one may be any. */
  counter: number;
  duplicated: boolean;
  /** Last bytes of the last packet: a repeated counter is a duplicate only when they are equal. */
  tail: number;
  /** PTS of the PES in progress, in seconds. */
  pts: number | undefined;
  /** The newest PTS, to which the next is compared; none after a loss. */
  newestPts: number | undefined;
  /** The segment in which the last packet came. */
  segment: number;
  sections: SectionAssembler | undefined;
  scan: AccessPointScan | undefined;
}

/** The state of a PID whose first packet comes in a segment. */
export function newPidState(pid: number, segment: number): PidState {
  return {
    pid,
    track: 'other',
    codec: 'other',
    counter: -1,
    duplicated: false,
    tail: 0,
    pts: undefined,
    newestPts: undefined,
    seen: true,
    seenAt: 0,
    segment,
    sections: tablePids.has(pid) ? new SectionAssembler() : undefined,
    scan: undefined,
  };
}
