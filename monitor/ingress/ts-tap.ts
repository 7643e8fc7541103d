import type { IngressEvidence } from './ingress.ts';
import { AccessPointScan, guessCodec, type VideoCodec } from './ts-access-point.ts';
import { elementaryStreams, programMapPids, SectionAssembler } from './ts-program.ts';

const packetBytes = 188;
const syncByte = 0x47;
const nullPid = 0x1fff;

interface PidState {
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
  /** The segment in which the last packet came. */
  segment: number;
  sections: SectionAssembler | undefined;
  scan: AccessPointScan | undefined;
}

/** Where the programme changed in the bytes that were written last: other tracks, or other codecs. */
export interface ProgramChange {
  /** Bytes before the packet that says so. */
  readonly before: number;
  /** The tables of the new programme, as packets, and where the stream goes on behind them. */
  readonly tables: Buffer;
  readonly after: number;
}

/**
 * Watches an MPEG transport stream go by (ISO/IEC 13818-1): lost packets by continuity counters (§2.4.3.3), damage
 * marked upstream, and random access points, each with its PTS. Looks at bytes and never changes or keeps them;
 * takes any bytes without failing.
 */
export class TsTap {
  readonly #report: (evidence: IngressEvidence) => void;
  readonly #pids = new Map<number, PidState>();
  /** Direct index of the PIDs: a map look-up per packet would dominate the cost. */
  readonly #byPid: (PidState | undefined)[] = new Array(8192).fill(undefined);
  readonly #rest = Buffer.alloc(packetBytes);
  #restBytes = 0;
  /** Packets since sync was found; one packet alone is no evidence that there was any. */
  #inSync = 0;
  #segment = 0;
  #videoPts: number | undefined;
  #programMap: number | undefined;
  /** Tracks of the watched programme, with their types. */
  #tracks: string | undefined;
  #association = Buffer.alloc(0);
  #change: ProgramChange | undefined;

  constructor(report: (evidence: IngressEvidence) => void) {
    this.#report = report;
  }

  /** PTS of the newest picture begun, in seconds (33 bits ÷ 90 kHz). */
  get videoPts(): number | undefined {
    return this.#videoPts;
  }

  /** Whether the programme changed within the bytes written last. */
  get programChange(): ProgramChange | undefined {
    return this.#change;
  }

  /**
   * A segment starts: packagers that open each file anew restart their counters at 0 here. With `afterLoss`, what
   * came before is known to be incomplete, so that whatever counters follow tell nothing new.
   */
  startSegment({ afterLoss }: { readonly afterLoss: boolean }): void {
    this.#segment++;
    if (!afterLoss) return;
    this.#restBytes = 0;
    this.#inSync = 0;
    for (const state of this.#pids.values()) {
      state.counter = -1;
      state.sections?.reset();
      state.scan = undefined;
    }
  }

  /** Looks at the next bytes of the stream; chunks may cut packets anywhere. */
  write(chunk: Buffer): void {
    this.#change = undefined;
    let offset = 0;
    if (this.#restBytes > 0) {
      const missing = Math.min(packetBytes - this.#restBytes, chunk.length);
      chunk.copy(this.#rest, this.#restBytes, 0, missing);
      this.#restBytes += missing;
      if (this.#restBytes < packetBytes) return;
      this.#restBytes = 0;
      offset = missing;
      if (this.#packet(this.#rest, 0)) this.#noteChange(this.#rest, 0, 0, missing);
    }
    while (offset < chunk.length) {
      if (chunk[offset] !== syncByte) {
        this.#loseSync();
        offset = findSync(chunk, offset + 1);
      } else if (offset + packetBytes > chunk.length) {
        chunk.copy(this.#rest, 0, offset);
        this.#restBytes = chunk.length - offset;
        return;
      } else {
        if (this.#packet(chunk, offset)) this.#noteChange(chunk, offset, offset, offset + packetBytes);
        offset += packetBytes;
      }
    }
  }

  #loseSync(): void {
    if (this.#inSync > 2) this.#tell('transport-error', 'unknown', this.#videoPts);
    this.#inSync = 0;
  }

  #noteChange(data: Buffer, at: number, before: number, after: number): void {
    const tables = Buffer.concat([this.#association, data.subarray(at, at + packetBytes)]);
    this.#change = { before, tables, after };
  }

  /** Looks at a packet; whether it changed the programme. */
  #packet(data: Buffer, at: number): boolean {
    this.#inSync++;
    const second = data[at + 1]!;
    const pid = ((second & 0x1f) << 8) | data[at + 2]!;
    if (pid === nullPid) return false;
    const state = this.#byPid[pid] ?? this.#addPid(pid);
    if ((second & 0x80) !== 0) {
      // The counter itself may be damaged.
      state.counter = -1;
      if (state.track !== 'other') this.#tell('transport-error', state.track, state.pts);
      return false;
    }
    const fourth = data[at + 3]!;
    const adaptation = (fourth & 0x20) !== 0;
    const adaptationBytes = adaptation ? data[at + 4]! : -1;
    const flags = adaptationBytes > 0 ? data[at + 5]! : 0;
    if ((fourth & 0x10) === 0) {
      // Without payload the counter stands still (§2.4.3.3), but may announce a new start.
      if ((flags & 0x80) !== 0) state.counter = -1;
      return false;
    }
    const starts = (second & 0x40) !== 0;
    if (!this.#isContinuous(state, fourth & 0x0f, (flags & 0x80) !== 0, data, at)) return false;
    const payload = at + 4 + 1 + adaptationBytes;
    const end = at + packetBytes;
    if (payload >= end) return false;
    if (starts && state.track === 'other' && this.#programMap === undefined)
      guessTrack(state, data, payload, end);
    if (state.sections) {
      if (pid === 0) this.#association = Buffer.from(data.subarray(at, at + packetBytes));
      return this.#section(state, data, payload, end, starts);
    }
    if (state.track !== 'other') this.#elementary(state, data, payload, end, starts, (flags & 0x40) !== 0);
    return false;
  }

  /** Checks the counter; false for a duplicate, which holds nothing new. */
  #isContinuous(state: PidState, counter: number, announced: boolean, data: Buffer, at: number): boolean {
    const previous = state.counter;
    const sameSegment = state.segment === this.#segment;
    state.segment = this.#segment;
    const tail =
      Math.imul(31, data.readInt32LE(at + packetBytes - 4)) ^ data.readInt32LE(at + packetBytes - 12);
    if (previous >= 0 && !announced && counter !== ((previous + 1) & 0x0f)) {
      const repeated = counter === previous && tail === state.tail;
      if (repeated && !state.duplicated) {
        state.duplicated = true;
        return false;
      }
      const restarted = !sameSegment && counter === 0;
      if (!restarted && state.track !== 'other') {
        this.#tell('continuity-gap', state.track, state.pts, (counter - previous - 1) & 0x0f);
      }
      state.sections?.reset();
    }
    state.counter = counter;
    state.duplicated = false;
    state.tail = tail;
    return true;
  }

  #elementary(
    state: PidState,
    data: Buffer,
    payload: number,
    end: number,
    starts: boolean,
    access: boolean,
  ): void {
    if (starts) {
      state.scan = undefined;
      if (end - payload < 9 || data[payload] !== 0 || data[payload + 1] !== 0 || data[payload + 2] !== 1)
        return;
      const pts = presentationTime(data, payload, end);
      if (pts !== undefined) state.pts = pts;
      if (state.track !== 'video') return;
      this.#videoPts = state.pts;
      if (access) this.#tell('random-access', 'video', state.pts);
      else state.scan = new AccessPointScan(state.codec);
      payload += 9 + data[payload + 8]!;
    }
    if (!state.scan || payload >= end) return;
    const found = state.scan.read(data, payload, end);
    if (found === 'searching') return;
    state.scan = undefined;
    if (found === 'access-point') this.#tell('random-access', 'video', state.pts);
  }

  /** Whether the section changed the programme. */
  #section(state: PidState, data: Buffer, payload: number, end: number, starts: boolean): boolean {
    const section = state.sections!.read(data, payload, end, starts);
    if (!section) return false;
    if (state.pid === 0) {
      for (const pid of programMapPids(section)) {
        const map = this.#byPid[pid] ?? this.#addPid(pid);
        map.sections ??= new SectionAssembler();
      }
      return false;
    }
    // Of several programmes the first is watched; gaps of the others say nothing about it. Listed ones may be absent.
    this.#programMap ??= state.pid;
    if (this.#programMap !== state.pid) return false;
    const streams = elementaryStreams(section);
    for (const { pid, track, codec } of streams) {
      const stream = this.#byPid[pid] ?? this.#addPid(pid);
      if (stream.sections) continue;
      stream.track = track;
      stream.codec = codec;
    }
    const watched = streams.filter(({ track }) => track !== 'other');
    if (watched.length === 0) return false;
    const before = this.#tracks;
    this.#tracks = watched.map(({ pid, type }) => `${pid} ${type}`).join();
    return before !== undefined && before !== this.#tracks;
  }

  #addPid(pid: number): PidState {
    const state: PidState = {
      pid,
      track: 'other',
      codec: 'other',
      counter: -1,
      duplicated: false,
      tail: 0,
      pts: undefined,
      segment: this.#segment,
      sections: pid === 0 ? new SectionAssembler() : undefined,
      scan: undefined,
    };
    this.#pids.set(pid, state);
    this.#byPid[pid] = state;
    return state;
  }

  #tell(
    evidence: IngressEvidence['evidence'],
    track: IngressEvidence['track'],
    pts?: number,
    count?: number,
  ): void {
    this.#report({
      evidence,
      track,
      ...(pts !== undefined && { pts }),
      ...(count !== undefined && { count }),
    });
  }
}

/** Streams can lack tables, or be joined long before the next: PES stream ids tell tracks apart too (table 2-22). */
function guessTrack(state: PidState, data: Buffer, at: number, end: number): void {
  if (end - at < 9 || data[at] !== 0 || data[at + 1] !== 0 || data[at + 2] !== 1) return;
  const id = data[at + 3]!;
  if (id >= 0xc0 && id <= 0xdf) state.track = 'audio';
  if (id < 0xe0 || id > 0xef) return;
  state.track = 'video';
  state.codec = guessCodec(data, at + 9 + data[at + 8]!, end);
}

/** Position of the next packet: a sync byte with another one packet later, as far as can be seen. */
function findSync(data: Buffer, from: number): number {
  for (let at = data.indexOf(syncByte, from); at >= 0; at = data.indexOf(syncByte, at + 1)) {
    if (at + packetBytes >= data.length || data[at + packetBytes] === syncByte) return at;
  }
  return data.length;
}

/** PTS of a PES header in seconds (§2.4.3.7), where it has one. */
function presentationTime(data: Buffer, at: number, end: number): number | undefined {
  if ((data[at + 7]! & 0x80) === 0 || at + 14 > end) return undefined;
  const high = (data[at + 9]! >> 1) & 0x07;
  const middle = ((data[at + 10]! << 8) | data[at + 11]!) >> 1;
  const low = ((data[at + 12]! << 8) | data[at + 13]!) >> 1;
  return (high * 2 ** 30 + middle * 2 ** 15 + low) / 90_000;
}
