import { TsSplices } from './breaks/ts-splices.ts';
import type { IngressEvidence, IngressListener } from './ingress.ts';
import { AccessPointScan } from './ts-access-point.ts';
import { followCounter } from './ts-continuity.ts';
import { clockReference, guessedTrack, presentationTime } from './ts-fields.ts';
import { TransportIndicators } from './ts-indicators.ts';
import { packetBytes, TsPackets } from './ts-packets.ts';
import { newPidState, type PidState, tablePids } from './ts-pid.ts';
import {
  clockPid,
  elementaryStreams,
  isDamaged,
  isYetToCome,
  programOf,
  programs,
  SectionAssembler,
} from './ts-program.ts';
import { type ProgramChange, ProgramChanges } from './ts-program-change.ts';

const nullPid = 0x1fff;
/** Presentation times of a stream are no further apart, in seconds (ISO/IEC 13818-1 §2.7.4, TR 101 290 §5.2.2). */
const presentationInterval = 0.7;
/** Further apart, they belong to different times. */
const presentationJump = 10;

/**
 * Watches an MPEG transport stream go by (ISO/IEC 13818-1): lost packets by continuity counters (§2.4.3.3), damage
 * marked upstream, random access points, each with its PTS, and what ETSI TR 101 290 calls errors of priority 1 and 2.
 * Looks at bytes and never changes or keeps them; takes any bytes without failing.
 */
export class TsTap {
  readonly #report: (evidence: IngressEvidence) => void;
  readonly #packets: TsPackets;
  readonly #indicators: TransportIndicators;
  readonly #splices: TsSplices;
  readonly #programChanges = new ProgramChanges();
  readonly #pids = new Map<number, PidState>();
  /** Direct index of the PIDs: a map look-up per packet would dominate the cost. */
  readonly #byPid: (PidState | undefined)[] = new Array(8192).fill(undefined);
  #count = 0;
  #stuffing = 0;
  #segment = 0;
  #segmentStart: number | undefined;
  /** Whether a picture of the segment has come. */
  #segmentShows = false;
  #videoPts: number | undefined;
  /** The newest of the pictures, or of the sound where no pictures are known. */
  #pts: number | undefined;
  #programMap: number | undefined;
  /** Of the programmes whose maps come on that PID, the one that is watched. */
  #program: number | undefined;
  /** PID of the clock references that are read; the first that has any, until a programme map names it. */
  #clockPid: number | undefined;
  #hasClock = true;
  #change: ProgramChange | undefined;

  /** `broadcast`: whether receivers join the stream anywhere and run by its clock; not so for segments and files. */
  constructor({ onEvidence, onCue }: IngressListener, { broadcast = true } = {}) {
    this.#report = onEvidence;
    this.#splices = new TsSplices((cue) => onCue?.(cue));
    this.#packets = new TsPackets(
      (data, at, next) => this.#packet(data, at, next),
      (fault) => {
        this.#indicators.loss();
        this.#tell({ evidence: 'transport-error', fault, track: 'unknown' }, this.#pts);
      },
    );
    this.#indicators = new TransportIndicators(
      (fault, track, value) =>
        this.#tell(
          { evidence: 'transport-fault', fault, track, ...(value !== undefined && { value }) },
          this.#pts,
        ),
      { broadcast },
    );
  }

  /** PTS of the newest picture begun, in seconds (33 bits ÷ 90 kHz). */
  get videoPts(): number | undefined {
    return this.#videoPts;
  }

  /** First PTS of the segment's pictures, or of its sound where no pictures are known. */
  get segmentStart(): number | undefined {
    return this.#segmentStart;
  }

  /** Whether the programme changed within the bytes written last. */
  get programChange(): ProgramChange | undefined {
    return this.#change;
  }

  /**
   * A segment starts: packagers that open each file anew restart their counters at 0 here. With `afterLoss`, what
   * came before is known to be incomplete, so that whatever counters follow tell nothing new. `ownTables` where it
   * has no initialisation section that brings its tables.
   */
  startSegment({
    afterLoss,
    ownTables,
  }: {
    readonly afterLoss: boolean;
    readonly ownTables?: boolean;
  }): void {
    this.#segment++;
    this.#segmentStart = undefined;
    this.#segmentShows = false;
    this.#indicators.startSegment(ownTables ?? false);
    if (!afterLoss) return;
    this.#packets.restart();
    this.#indicators.restartClock();
    for (const state of this.#pids.values()) {
      state.counter = -1;
      state.newestPts = undefined;
      state.sections?.reset();
      state.scan = undefined;
      this.#splices.loss(state.pid);
    }
  }

  /** Looks at the next bytes of the stream; chunks may cut packets anywhere. */
  write(chunk: Buffer): void {
    this.#change = undefined;
    this.#packets.write(chunk);
  }

  /** Looks at a packet; `next` is where the chunk goes on behind it. */
  #packet(data: Buffer, at: number, next: number): void {
    this.#count++;
    const second = data[at + 1]!;
    const pid = ((second & 0x1f) << 8) | data[at + 2]!;
    if (pid === nullPid) {
      this.#stuffing++;
      return;
    }
    const state = this.#byPid[pid] ?? this.#addPid(pid);
    if ((second & 0x80) !== 0) {
      // The counter itself may be damaged.
      this.#lose(state);
      state.counter = -1;
      if (state.track !== 'other')
        this.#tell({ evidence: 'transport-error', fault: 'transport-error', track: state.track }, state.pts);
      return;
    }
    state.seen = true;
    const fourth = data[at + 3]!;
    const adaptation = (fourth & 0x20) !== 0;
    const adaptationBytes = adaptation ? data[at + 4]! : -1;
    const flags = adaptationBytes > 0 ? data[at + 5]! : 0;
    const hasClock = (flags & 0x10) !== 0 && adaptationBytes >= 7;
    if ((fourth & 0x10) === 0) {
      // Without payload the counter stands still (§2.4.3.3), but may announce a new start.
      if ((flags & 0x80) !== 0) state.counter = -1;
      if (hasClock) this.#clock(pid, data, at, (flags & 0x80) !== 0);
      return;
    }
    const starts = (second & 0x40) !== 0;
    if (!this.#isContinuous(state, (flags & 0x80) !== 0, data, at)) return;
    // Only now, since the counter tells whether packets before this reference were lost.
    if (hasClock) this.#clock(pid, data, at, (flags & 0x80) !== 0);
    const payload = at + 4 + 1 + adaptationBytes;
    const end = at + packetBytes;
    if (payload >= end) return;
    if (starts && state.track === 'other' && this.#programMap === undefined)
      Object.assign(state, guessedTrack(data, payload, end));
    if (state.sections) {
      if (this.#table(state, data, payload, end, starts))
        this.#change = this.#programChanges.change(data.subarray(at, end), next);
    } else if (state.track === 'other') this.#splices.packet(pid, data, payload, end, starts);
    else this.#elementary(state, data, payload, end, starts, (flags & 0x40) !== 0);
  }

  /** Checks the counter; false for a duplicate, which holds nothing new. */
  #isContinuous(state: PidState, announced: boolean, data: Buffer, at: number): boolean {
    const continuity = followCounter(state, { data, at }, { announced, segment: this.#segment });
    if (continuity === 'continuous') return true;
    if (continuity === 'duplicate') return false;
    if (continuity !== 'restarted') this.#lose(state);
    if (continuity !== 'restarted' && state.track !== 'other')
      this.#tell({ evidence: 'continuity-gap', track: state.track, count: continuity.missing }, state.pts);
    state.sections?.reset();
    this.#splices.loss(state.pid);
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
      if (pts !== undefined) this.#presents(state, pts);
      if (state.track !== 'video') return;
      this.#videoPts = state.pts;
      if (access) this.#tell({ evidence: 'random-access', track: 'video' }, state.pts);
      else state.scan = new AccessPointScan(state.codec);
      payload += 9 + data[payload + 8]!;
    }
    if (!state.scan || payload >= end) return;
    const found = state.scan.read(data, payload, end);
    if (found === 'searching') return;
    state.scan = undefined;
    if (found === 'access-point') this.#tell({ evidence: 'random-access', track: 'video' }, state.pts);
  }

  /** A timestamp of a stream: how far it is from the one before, and what time the segment begins at. */
  #presents(state: PidState, pts: number): void {
    state.pts = pts;
    const pictures = state.track === 'video' || this.#videoPts === undefined;
    if (pictures && !this.#segmentShows)
      this.#segmentStart = state.track === 'video' ? pts : (this.#segmentStart ?? pts);
    this.#segmentShows ||= state.track === 'video';
    if (pictures) {
      this.#pts = pts;
      this.#splices.presents(pts);
    }
    if (pictures && this.#hasClock) this.#indicators.presentation(pts);
    const passed = pts - (state.newestPts ?? pts);
    if (passed >= 0 || passed < -presentationJump) state.newestPts = pts;
    state.newestPts ??= pts;
    if (passed <= presentationInterval || passed > presentationJump || state.track === 'other') return;
    this.#tell({ evidence: 'transport-fault', fault: 'pts', track: state.track, value: passed }, pts);
  }

  #clock(pid: number, data: Buffer, at: number, announced: boolean): void {
    if (this.#hasClock) this.#clockPid ??= pid;
    if (pid === this.#clockPid)
      this.#indicators.reference(clockReference(data, at + 6), announced, this.#count, this.#stuffing);
  }

  #lose(state: PidState): void {
    state.newestPts = undefined;
    this.#indicators.loss();
  }

  /** Whether a section changed the programme. */
  #table(state: PidState, data: Buffer, payload: number, end: number, starts: boolean): boolean {
    let changed = false;
    for (const section of state.sections!.read(data, payload, end, starts)) {
      if (isDamaged(section))
        this.#tell({ evidence: 'transport-fault', fault: 'crc', track: 'unknown' }, this.#pts);
      else if (isYetToCome(section)) continue;
      else if (state.pid === 0) {
        this.#programChanges.association(data.subarray(end - packetBytes, end));
        this.#association(section);
      } else if (!tablePids.has(state.pid)) changed = this.#map(state, section) || changed;
    }
    return changed;
  }

  #association(section: Buffer): void {
    if (section[0] !== 0x00) return;
    this.#indicators.table('pat');
    const listed = programs(section);
    if (!listed.some(({ program }) => program === this.#program)) this.#program = undefined;
    for (const { mapPid } of listed) {
      const map = this.#byPid[mapPid] ?? this.#addPid(mapPid);
      map.sections ??= new SectionAssembler();
    }
  }

  /** Whether the map changed the programme. */
  #map(state: PidState, section: Buffer): boolean {
    if (section[0] !== 0x02) return false;
    // Of several programmes the first is watched; gaps of the others say nothing about it. Listed ones may be absent.
    this.#programMap ??= state.pid;
    if (this.#programMap !== state.pid) return false;
    this.#program ??= programOf(section);
    if (this.#program !== programOf(section)) return false;
    this.#indicators.table('pmt');
    const clock = clockPid(section);
    this.#hasClock = clock !== undefined;
    if (clock !== this.#clockPid) this.#indicators.restartClock();
    this.#clockPid = clock;
    const referred: PidState[] = [];
    const streams = elementaryStreams(section);
    for (const { pid, track, codec } of streams) {
      const stream = this.#byPid[pid] ?? this.#addPid(pid);
      if (stream.sections) continue;
      stream.track = track;
      stream.codec = codec;
      if (track !== 'other') referred.push(stream);
    }
    this.#indicators.refer(referred);
    this.#splices.use(streams.filter(({ splices }) => splices).map(({ pid }) => pid));
    return this.#programChanges.map(streams);
  }

  #addPid(pid: number): PidState {
    const state = newPidState(pid, this.#segment);
    this.#pids.set(pid, state);
    this.#byPid[pid] = state;
    return state;
  }

  #tell(evidence: IngressEvidence, pts: number | undefined): void {
    this.#report(pts === undefined ? evidence : { ...evidence, pts });
  }
}
