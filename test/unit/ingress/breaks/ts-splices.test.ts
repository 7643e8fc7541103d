import { describe, expect, it } from 'vitest';
import type { BreakCue } from '../../../../monitor/ingress/breaks/break-cue.ts';
import type { IngressEvidence } from '../../../../monitor/ingress/ingress.ts';
import { elementaryStreams } from '../../../../monitor/ingress/ts-program.ts';
import { TsTap } from '../../../../monitor/ingress/ts-tap.ts';
import { association, packet, pes, picture, programMap, section, videoPid } from '../transport-stream.ts';
import { spliceSection } from './splice-section.ts';

const splicePid = 0x102;
const registration = (name: string) => Buffer.concat([Buffer.from([0x05, 4]), Buffer.from(name, 'latin1')]);
const video = { type: 0x1b, pid: videoPid };
const splices = { type: 0x86, pid: splicePid };
const map = programMap([video, splices], registration('CUEI'));

function tapped(parts: readonly Buffer[]): { cues: BreakCue[]; evidence: IngressEvidence[] } {
  const cues: BreakCue[] = [];
  const evidence: IngressEvidence[] = [];
  const tap = new TsTap({ onEvidence: (item) => evidence.push(item), onCue: (cue) => cues.push(cue) });
  tap.write(Buffer.concat(parts));
  return { cues, evidence };
}

const shown = (counter: number, pts: number) =>
  packet({ pid: videoPid, counter, starts: true, payload: pes(pts, picture(1)) });

/** A section in as many packets as it takes. */
function announced(message: Buffer, counter = 0): Buffer[] {
  const payload = Buffer.concat([Buffer.alloc(1), message]);
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.length; at += 184) {
    const piece = Buffer.alloc(184, 0xff);
    payload.copy(piece, 0, at);
    parts.push(packet({ pid: splicePid, counter: counter + parts.length, starts: at === 0, payload: piece }));
  }
  return parts;
}

describe('announcements on a PID of stream type 0x86', () => {
  it('are told with the PTS that the stream is at', () => {
    const message = spliceSection({ event: 7, time: 104, duration: 30 });
    const { cues, evidence } = tapped([association(), map, shown(0, 100), ...announced(message)]);
    expect(cues).toEqual([
      { cue: 'out', event: 'insert/7', duration: 30, pts: 100, after: expect.closeTo(4, 4) },
    ]);
    expect(evidence).toEqual([]);
  });

  it('wait for the first PTS', () => {
    const message = spliceSection({ out: false });
    expect(tapped([association(), map, ...announced(message), shown(0, 50)]).cues).toEqual([
      { cue: 'in', event: 'insert', pts: 50, after: 0 },
    ]);
  });

  it('count over the wrap of the PTS', () => {
    const message = spliceSection({ time: 1 });
    const { cues } = tapped([association(), map, shown(0, 2 ** 33 / 90_000 - 2), ...announced(message)]);
    expect(cues).toMatchObject([{ after: expect.closeTo(3, 3) }]);
  });

  it('may be longer than a packet and than other tables', () => {
    const message = longMessage(2000);
    const { cues } = tapped([association(), map, shown(0, 100), ...announced(message)]);
    expect(cues).toMatchObject([{ cue: 'out', event: 'segmentation/9/48' }]);
  });

  it('are dropped where a packet of them is missing', () => {
    const parts = announced(longMessage(700));
    const before = [association(), map, shown(0, 100)];
    expect(tapped([...before, ...parts]).cues).toHaveLength(1);
    expect(tapped([...before, parts[0]!, ...parts.slice(2)]).cues).toEqual([]);
  });

  it('say nothing where they are damaged, which breaks no rule for tables', () => {
    const message = spliceSection({ time: 104 });
    message[20]! ^= 1;
    expect(tapped([association(), map, shown(0, 100), ...announced(message)])).toEqual({
      cues: [],
      evidence: [],
    });
  });
});

describe('stream type 0x86', () => {
  const streamsOf = (programme: Buffer, own: Buffer) =>
    elementaryStreams(sectionOf(programMap([video, { ...splices, descriptors: own }], programme)));
  const none = Buffer.alloc(0);

  it.each([
    ['a disc', registration('HDMV'), none],
    ['a stream that is registered so', none, registration('HDMV')],
  ])('is sound of %s', (_, programme, own) => {
    expect(streamsOf(programme, own)[1]).toMatchObject({ track: 'audio', splices: false });
  });

  it.each([
    ['with the registration of cues', registration('CUEI')],
    ['without any', none],
  ])('carries announcements %s', (_, programme) => {
    expect(streamsOf(programme, none)[1]).toMatchObject({ track: 'other', splices: true });
  });

  it('is no PID whose absence is a fault', () => {
    const parts = [association(), map];
    for (let second = 0; second < 20; second++)
      parts.push(
        packet({
          pid: videoPid,
          counter: second,
          starts: true,
          payload: pes(second, picture(1)),
          clock: 27e6 * second,
        }),
      );
    expect(tapped(parts).evidence.filter(({ fault }) => fault === 'pid')).toEqual([]);
  });
});

/** A time_signal() whose segmentation is followed by private descriptors up to a length. */
function longMessage(bytes: number): Buffer {
  const short = spliceSection({ segmentation: 0x30, event: 9, time: 104 });
  const loopAt = 14 + 5;
  const loop = short.subarray(loopAt + 2, -4);
  const filler: Buffer[] = [];
  while (Buffer.concat(filler).length < bytes)
    filler.push(Buffer.concat([Buffer.from([0xf0, 200]), Buffer.alloc(200)]));
  const descriptors = Buffer.concat([loop, ...filler]);
  const body = Buffer.concat([short.subarray(3, loopAt), Buffer.alloc(2), descriptors]);
  body.writeUInt16BE(descriptors.length, loopAt - 3);
  return section(0xfc, body, 0x30);
}

function sectionOf(mapPacket: Buffer): Buffer {
  const at = 5;
  const length = 3 + (mapPacket.readUInt16BE(at + 1) & 0x0fff);
  return mapPacket.subarray(at, at + length);
}
