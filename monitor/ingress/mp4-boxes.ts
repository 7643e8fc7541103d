/** What a movie box says of the tracks whose fragments follow (ISO/IEC 14496-12 §8.3, §8.8.3). */
export interface Mp4Track {
  readonly video: boolean;
  /** Units per second. */
  readonly timescale: number;
  /** Media time at which presentation starts, in units (edit list, §8.6.6). */
  readonly start: number;
  readonly defaultDuration: number;
  readonly defaultFlags: number;
}

/** A picture in a fragment that decoding can start at. */
export interface SyncSample {
  /** Presentation time in seconds. */
  readonly pts: number;
}

export interface FragmentTimes {
  /** Presentation time of the first picture, in seconds. */
  readonly first: number;
  readonly sync: readonly SyncSample[];
}

/** sample_is_non_sync_sample (§8.8.3.1). */
const nonSync = 0x00010000;
/**
 * Of a fragment's pictures, those that are told of without bytes of their own: a hostile count would never run out of
 * them.
 */
const mostWithoutFields = 1000;

/** Tracks of a movie box by id; throws RangeError on a box that is cut or malformed. */
export function movieTracks(moov: Buffer): Map<number, Mp4Track> {
  const tracks = new Map<number, Mp4Track>();
  const defaults = new Map<number, { defaultDuration: number; defaultFlags: number }>();
  for (const trex of boxes(find(moov, 'mvex'), 'trex')) {
    defaults.set(trex.readUInt32BE(4), {
      defaultDuration: trex.readUInt32BE(12),
      defaultFlags: trex.readUInt32BE(20),
    });
  }
  for (const trak of boxes(moov, 'trak')) {
    const tkhd = find(trak, 'tkhd');
    const mdia = find(trak, 'mdia');
    const mdhd = find(mdia, 'mdhd');
    const handler = find(mdia, 'hdlr');
    if (!tkhd || !mdhd || !handler) continue;
    const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12);
    tracks.set(id, {
      video: handler.toString('latin1', 8, 12) === 'vide',
      timescale: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12) || 1,
      start: editStart(find(find(trak, 'edts'), 'elst')),
      ...(defaults.get(id) ?? { defaultDuration: 0, defaultFlags: 0 }),
    });
  }
  return tracks;
}

/** Times of the pictures in a fragment; `undefined` without any. Throws RangeError like `movieTracks`. */
export function fragmentTimes(
  moof: Buffer,
  tracks: ReadonlyMap<number, Mp4Track>,
): FragmentTimes | undefined {
  for (const traf of boxes(moof, 'traf')) {
    const tfhd = find(traf, 'tfhd');
    const track = tfhd && tracks.get(tfhd.readUInt32BE(4));
    if (tfhd && track?.video) return runTimes(traf, { ...track, ...headerDefaults(tfhd, track) });
  }
  return undefined;
}

/** Fields that the fragment overrides, in the order in which their flags say they are there (§8.8.7). */
function headerDefaults(tfhd: Buffer, track: Mp4Track): Pick<Mp4Track, 'defaultDuration' | 'defaultFlags'> {
  const flags = tfhd.readUIntBE(1, 3);
  let at = 8 + (flags & 0x01 ? 8 : 0) + (flags & 0x02 ? 4 : 0);
  let { defaultDuration, defaultFlags } = track;
  if (flags & 0x08) {
    defaultDuration = tfhd.readUInt32BE(at);
    at += 4;
  }
  if (flags & 0x10) at += 4;
  if (flags & 0x20) defaultFlags = tfhd.readUInt32BE(at);
  return { defaultDuration, defaultFlags };
}

function runTimes(traf: Buffer, track: Mp4Track): FragmentTimes | undefined {
  const tfdt = find(traf, 'tfdt');
  let decode = tfdt ? (tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)) : 0;
  let first: number | undefined;
  const sync: SyncSample[] = [];
  let withoutFields = 0;
  for (const trun of boxes(traf, 'trun')) {
    const flags = trun.readUIntBE(1, 3);
    const count = trun.readUInt32BE(4);
    let at = 8 + (flags & 0x001 ? 4 : 0);
    const firstFlags = flags & 0x004 ? trun.readUInt32BE(at) : undefined;
    if (firstFlags !== undefined) at += 4;
    const sampleBytes = 4 * [0x100, 0x200, 0x400, 0x800].filter((field) => flags & field).length;
    if (sampleBytes === 0) withoutFields += count;
    if (withoutFields > mostWithoutFields || at + count * sampleBytes > trun.length) return undefined;
    for (let index = 0; index < count; index++) {
      let duration = track.defaultDuration;
      if (flags & 0x100) {
        duration = trun.readUInt32BE(at);
        at += 4;
      }
      if (flags & 0x200) at += 4;
      let sampleFlags = index === 0 && firstFlags !== undefined ? firstFlags : track.defaultFlags;
      if (flags & 0x400) {
        sampleFlags = trun.readUInt32BE(at);
        at += 4;
      }
      let offset = 0;
      if (flags & 0x800) {
        offset = trun[0] === 0 ? trun.readUInt32BE(at) : trun.readInt32BE(at);
        at += 4;
      }
      const pts = (decode + offset - track.start) / track.timescale;
      first ??= pts;
      if ((sampleFlags & nonSync) === 0) sync.push({ pts });
      decode += duration;
    }
  }
  return first === undefined ? undefined : { first, sync };
}

function editStart(elst: Buffer | undefined): number {
  if (!elst) return 0;
  const entries = elst.readUInt32BE(4);
  const wide = elst[0] === 1;
  for (let index = 0, at = 8; index < entries; index++, at += wide ? 20 : 12) {
    const start = wide ? Number(elst.readBigInt64BE(at + 8)) : elst.readInt32BE(at + 4);
    // −1 is an empty edit: a pause before the track, not a place in it.
    if (start >= 0) return start;
  }
  return 0;
}

/** Content of the first box of a type directly within a box's content. */
export function find(parent: Buffer | undefined, type: string): Buffer | undefined {
  for (const box of boxes(parent, type)) return box;
  return undefined;
}

/** Contents of the boxes of a type directly within a box's content. */
export function* boxes(parent: Buffer | undefined, type: string): Generator<Buffer> {
  for (const { type: found, content } of allBoxes(parent)) if (found === type) yield content;
}

export interface Mp4Box {
  readonly type: string;
  /** Of the box's type, within the parent's memory: to be written over. */
  readonly name: Buffer;
  readonly content: Buffer;
}

/** The boxes directly within a box's content, in order. */
export function* allBoxes(parent: Buffer | undefined): Generator<Mp4Box> {
  if (!parent) return;
  for (let at = 0; at + 8 <= parent.length; ) {
    const size = parent.readUInt32BE(at);
    if (size < 8) return;
    const name = parent.subarray(at + 4, at + 8);
    yield { type: name.toString('latin1'), name, content: parent.subarray(at + 8, at + size) };
    at += size;
  }
}
