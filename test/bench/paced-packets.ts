/** Reading an MPEG transport stream as a live sender sends it (ISO/IEC 13818-1 §2.4.3). */

export const packetBytes = 188;
const syncByte = 0x47;
/** Program clock: 27 MHz, of which the base counts 300ths. */
const clockHertz = 90_000;

/** What a packet's header and adaptation field say. */
export interface PacketFacts {
  readonly pid: number;
  /** A clean point to begin decoding at (random_access_indicator). */
  readonly randomAccess: boolean;
  /** Program clock in seconds. */
  readonly clock?: number;
}

/**
 * Facts of the packet that begins at `at`.
 * @throws RangeError when none does
 */
export function packetFacts(stream: Uint8Array, at: number): PacketFacts {
  if (stream[at] !== syncByte) throw new RangeError(`no packet begins at byte ${at}`);
  const pid = ((stream[at + 1]! & 0x1f) << 8) | stream[at + 2]!;
  const hasField = (stream[at + 3]! & 0x20) !== 0 && stream[at + 4]! > 0;
  if (!hasField) return { pid, randomAccess: false };
  const flags = stream[at + 5]!;
  const randomAccess = (flags & 0x40) !== 0;
  if ((flags & 0x10) === 0) return { pid, randomAccess };
  const high =
    ((stream[at + 6]! << 24) | (stream[at + 7]! << 16) | (stream[at + 8]! << 8) | stream[at + 9]!) >>> 0;
  return { pid, randomAccess, clock: (2 * high + (stream[at + 10]! >> 7)) / clockHertz };
}

/** A stretch of packets and when it is to be sent. */
export interface Run {
  readonly from: number;
  readonly to: number;
  /** Seconds since the first of the stream. */
  readonly time: number;
  /** Begins with a video packet from which decoding can begin. */
  readonly keyFrame: boolean;
}

/** Cuts a stream into runs, one from each packet with a clock or a key frame of the video on. */
export function runsOf(stream: Uint8Array): readonly Run[] {
  const runs: Run[] = [];
  let clockPid: number | undefined;
  let origin: number | undefined;
  let time = 0;
  let from = 0;
  let keyFrame = false;
  const end = stream.length - (stream.length % packetBytes);
  for (let at = 0; at < end; at += packetBytes) {
    const { pid, randomAccess, clock } = packetFacts(stream, at);
    if (clock === undefined) continue;
    // The clock is with the video in what ffmpeg writes.
    clockPid ??= pid;
    origin ??= clock;
    if (at > from) runs.push({ from, to: at, time, keyFrame });
    from = at;
    time = clock - origin;
    keyFrame = pid === clockPid && randomAccess;
  }
  if (end > from) runs.push({ from, to: end, time, keyFrame });
  return runs;
}
