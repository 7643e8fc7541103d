import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spliceNews } from '../../../../monitor/ingress/breaks/splice-cues.ts';
import { parseSpliceInfo } from '../../../../monitor/ingress/breaks/splice-info.ts';
import { sectionChecksum as checksum } from '../../../../monitor/ingress/section-checksum.ts';
import { type SpliceFields, spliceSection } from './splice-section.ts';

const read = (base64: string) => parseSpliceInfo(Buffer.from(base64, 'base64'));
const news = (fields: SpliceFields) => spliceNews(parseSpliceInfo(spliceSection(fields)));
const ticks = (count: number) => count / 90_000;

describe('sample messages of ANSI/SCTE 35 §14', () => {
  it.each([
    [
      '14.1 time_signal, placement opportunity start',
      '/DA0AAAAAAAA///wBQb+cr0AUAAeAhxDVUVJSAAAjn/PAAGlmbAICAAAAAAsoKGKNAIAmsnRfg==',
      {
        time: ticks(0x072bd0050),
        news: [{ cue: 'out', event: `segmentation/${0x4800008e}/52`, duration: ticks(0x0001a599b0) }],
      },
    ],
    [
      '14.2 splice_insert',
      '/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=',
      {
        time: ticks(0x07369c02e),
        news: [{ cue: 'out', event: `insert/${0x4800008f}`, duration: ticks(0x00052ccf5) }],
      },
    ],
    [
      '14.3 time_signal, placement opportunity end',
      '/DAvAAAAAAAA///wBQb+dGKQoAAZAhdDVUVJSAAAjn+fCAgAAAAALKChijUCAKnMZ1g=',
      { time: ticks(0x0746290a0), news: [{ cue: 'in', event: `segmentation/${0x4800008e}/52` }] },
    ],
    [
      '14.4 time_signal, program start and end',
      '/DBIAAAAAAAA///wBQb+ek2ItgAyAhdDVUVJSAAAGH+fCAgAAAAALMvDRBEAAAIXQ1VFSUgAABl/nwgIAAAAACyk26AQAACZcuND',
      { time: ticks(0x07a4d88b6), news: [] },
    ],
    [
      '14.5 time_signal, program overlap start',
      '/DAvAAAAAAAA///wBQb+rr//ZAAZAhdDVUVJSAAACH+fCAgAAAAALKVs9RcAAJUdsKg=',
      { time: ticks(0x0aebfff64), news: [] },
    ],
    [
      '14.6 time_signal, program blackout override and program end',
      '/DBIAAAAAAAA///wBQb+ky44CwAyAhdDVUVJSAAACn+fCAgAAAAALKCh4xgAAAIXQ1VFSUgAAAl/nwgIAAAAACygoYoRAAC0IX6w',
      { time: ticks(0x0932e380b), news: [] },
    ],
    [
      '14.7 time_signal, program end',
      '/DAvAAAAAAAA///wBQb+rvF8TAAZAhdDVUVJSAAAB3+fCAgAAAAALKVslxEAAMSHai4=',
      { time: ticks(0x0aef17c4c), news: [] },
    ],
    [
      '14.8 time_signal, placement opportunity end among programs',
      '/DBhAAAAAAAA///wBQb+qM1E7QBLAhdDVUVJSAAArX+fCAgAAAAALLLXnTUCAAIXQ1VFSUgAACZ/nwgIAAAAACyy150RAAACF0NVRUlIAAAnf58ICAAAAAAsstezEAAAihiGnw==',
      { time: ticks(0x0a8cd44ed), news: [{ cue: 'in', event: `segmentation/${0x480000ad}/52` }] },
    ],
  ])('%s', (_, base64, told) => {
    expect(spliceNews(read(base64))).toEqual(told);
  });
});

describe('messages of encoders, from the tests of Comcast scte35-go', () => {
  it('splice_insert with a DTMF descriptor', () => {
    expect(read('/DAxAAAAAAAAAP/wFAVAAIeuf+/+0AWRK/4AUmXAAC0AfwAMAQpDVUVJUJ81MTkqo5/+gA==')).toEqual({
      ...{ command: 'splice-insert', event: 1073776558, cancelled: false, out: true },
      ...{ time: ticks(3490025771), duration: 60 },
    });
  });

  it('splice_insert without a duration', () => {
    expect(read('/DAqAAAAAAAAAP/wDwUAAHn+f8/+QubGOQAAAAAACgAIQ1VFSQAAAADizteX')).toEqual({
      ...{ command: 'splice-insert', event: 31230, cancelled: false, out: true, time: ticks(1122420281) },
    });
  });

  it('time_signal that ends a placement opportunity and a break', () => {
    const base64 =
      '/DBIAAAAAAAAAP/wBQb/tB67hgAyAhdDVUVJQAABEn+fCAgAAAAALzE8BTUAAAIXQ1VFSUAAAEV/nwgIAAAAAC8xPN4jAAAfiOPE';
    expect(spliceNews(read(base64)).news).toEqual([
      { cue: 'in', event: 'segmentation/1073742098/52' },
      { cue: 'in', event: 'segmentation/1073741893/34' },
    ]);
  });

  it('time_signal with several UPIDs and a long descriptor', () => {
    const base64 =
      '/DBrAAAAAAAAAP/wBQb/AAAAAABVAlNDVUVJAAAAAn+/DUQKDBR3i+Xj9gAAAAAAAAoMFHeL5eP2AAAAAAAACSZTSUdOQUw6THk5RU1HeEtSMGhGWlV0cE1IZENVVlpuUlVGblp6MTcBA6QTOe8=';
    expect(read(base64)).toEqual({
      ...{ command: 'time-signal', time: ticks(4294967296) },
      segmentations: [{ event: 2, cancelled: false, type: 0x37 }],
    });
  });
});

describe('splice commands', () => {
  it('begin, end and cancel breaks', () => {
    expect(news({ event: 7, time: 10, duration: 30 })).toEqual({
      time: 10,
      news: [{ cue: 'out', event: 'insert/7', duration: 30 }],
    });
    expect(news({ event: 8, out: false, time: 40 })).toEqual({
      time: 40,
      news: [{ cue: 'in', event: 'insert' }],
    });
    expect(news({ event: 7, cancelled: true })).toEqual({ news: [{ cue: 'cancel', event: 'insert/7' }] });
  });

  it('have their duration with and without auto_return: it bounds a break whose end is lost', () => {
    for (const autoReturn of [true, false])
      expect(news({ time: 1, duration: 15, autoReturn }).news).toEqual([
        { cue: 'out', event: 'insert/1', duration: 15 },
      ]);
  });

  it('may say no duration, and no time: at once', () => {
    expect(news({})).toEqual({ news: [{ cue: 'out', event: 'insert/1' }] });
    expect(news({ segmentation: 0x30 })).toEqual({ news: [{ cue: 'out', event: 'segmentation/1/48' }] });
  });

  it('take the earliest of components', () => {
    expect(news({ components: [12, 11.5, 13] }).time).toBe(11.5);
  });

  it('are moved on by pts_adjustment, over the wrap', () => {
    expect(news({ time: 10, adjustment: 5 }).time).toBe(15);
    expect(news({ time: 2 ** 33 / 90_000 - 1, adjustment: 3 }).time).toBeCloseTo(2, 4);
  });

  it('are read where the command length is not told', () => {
    const section = spliceSection({ segmentation: 0x22, time: 5 });
    section[11] = section[11]! | 0x0f;
    section[12] = 0xff;
    expect(parseSpliceInfo(withChecksum(section))).toMatchObject({ command: 'time-signal', time: 5 });
  });

  it.each([0x22, 0x30, 0x32, 0x34, 0x36, 0x3c, 0x3e, 0x44, 0x46])('segmentation %i is a break', (type) => {
    expect(news({ segmentation: type }).news).toMatchObject([{ cue: 'out' }]);
    expect(news({ segmentation: type + 1 }).news).toMatchObject([{ cue: 'in' }]);
    expect(news({ segmentation: type, cancelled: true }).news).toEqual([
      { cue: 'cancel', event: 'segmentation/1' },
    ]);
  });

  it.each([0x00, 0x10, 0x11, 0x17, 0x20, 0x38, 0x3a, 0x40, 0x50])('segmentation %i is none', (type) => {
    expect(news({ segmentation: type }).news).toEqual([]);
  });
});

describe('what cannot be used', () => {
  it('is damaged where the CRC is wrong, wherever a bit flips', () => {
    const section = spliceSection({ time: 10, duration: 30 });
    for (let bit = 0; bit < 8 * section.length; bit++) {
      const flipped = Buffer.from(section);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(parseSpliceInfo(flipped)).toEqual({ command: 'damaged' });
    }
  });

  it('is encrypted where it says so', () => {
    expect(parseSpliceInfo(spliceSection({ encrypted: true }))).toEqual({ command: 'encrypted' });
    expect(news({ encrypted: true })).toEqual({ news: [] });
  });

  it('never fails, whatever the bytes, also with a right CRC', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), (bytes) => {
        parseSpliceInfo(bytes);
        const body = Buffer.concat([Buffer.from([0xfc, 0x30, bytes.length + 4]), bytes, Buffer.alloc(4)]);
        parseSpliceInfo(withChecksum(body));
      }),
      { numRuns: 300 },
    );
  });
});

function withChecksum(section: Buffer): Buffer {
  const body = section.subarray(0, section.length - 4);
  const sealed = Buffer.from(section);
  sealed.writeInt32BE(checksum(body), body.length);
  return sealed;
}
