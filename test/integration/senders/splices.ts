import { sectionChecksum } from '../../../monitor/ingress/section-checksum.ts';
import { presentationTime } from '../../../monitor/ingress/ts-fields.ts';
import { elementaryStreams, programs } from '../../../monitor/ingress/ts-program.ts';
import type { Tamper } from './packets.ts';

const packetSize = 188;
const splicePid = 0x1f0;

/** Puts announcements of breaks into a transport stream that ffmpeg sends, which writes none itself. */
export class SpliceInjector {
  /** Lists the PID in the programme map, and sends what is announced. */
  readonly tamper: Tamper;
  #mapPid: number | undefined;
  #videoPid: number | undefined;
  #pts: number | undefined;
  #counter = 0;
  #due: Buffer[] = [];

  constructor() {
    this.tamper = (packet) => Buffer.concat([this.#treat(packet), ...this.#due.splice(0)]);
  }

  /** PTS of the picture that is sent, in seconds. */
  get pts(): number | undefined {
    return this.#pts;
  }

  /** Sends a splice_info_section behind the next packet. */
  announce(section: Buffer): void {
    const packet = Buffer.alloc(packetSize, 0xff);
    packet.set([0x47, 0x40 | (splicePid >> 8), splicePid & 0xff, 0x10 | (this.#counter++ & 0x0f), 0]);
    section.copy(packet, 5);
    this.#due.push(packet);
  }

  #treat(packet: Buffer): Buffer {
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const starts = (packet[1]! & 0x40) !== 0;
    if (!starts) return packet;
    const payload = 4 + ((packet[3]! & 0x20) === 0 ? 0 : 1 + packet[4]!);
    if (pid === 0) this.#mapPid = programs(sectionAt(packet, payload))[0]?.mapPid;
    if (pid === this.#videoPid) this.#pts = presentationTime(packet, payload, packetSize) ?? this.#pts;
    if (pid !== this.#mapPid) return packet;
    const map = sectionAt(packet, payload);
    this.#videoPid = elementaryStreams(map).find(({ track }) => track === 'video')?.pid;
    return this.#withSplices(packet, payload, map);
  }

  #withSplices(packet: Buffer, payload: number, map: Buffer): Buffer {
    const stream = Buffer.from([0x86, 0xe0 | (splicePid >> 8), splicePid & 0xff, 0xf0, 0]);
    const body = Buffer.concat([map.subarray(0, -4), stream]);
    const length = body.length - 3 + 4;
    body.writeUInt16BE(0xb000 | length, 1);
    const checksum = Buffer.alloc(4);
    checksum.writeInt32BE(sectionChecksum(body));
    const changed = Buffer.alloc(packetSize, 0xff);
    packet.copy(changed, 0, 0, payload + 1);
    Buffer.concat([body, checksum]).copy(changed, payload + 1);
    return changed;
  }
}

function sectionAt(packet: Buffer, payload: number): Buffer {
  const at = payload + 1 + packet[payload]!;
  return packet.subarray(at, at + 3 + (packet.readUInt16BE(at + 1) & 0x0fff));
}
