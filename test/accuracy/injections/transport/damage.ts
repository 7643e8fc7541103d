import { packetBytes } from '../../../../monitor/ingress/ts-packets.ts';
import type { Random } from '../../random.ts';
import type { VideoPacket } from './video-packets.ts';

/** Damages the packets of one span within `stream`; those that it adds to `lost` are left out of the stream. */
export type Damage = (
  packets: readonly VideoPacket[],
  context: { readonly stream: Buffer; readonly lost: Set<number>; readonly random: Random },
) => void;

/** Every packet is lost with the same probability, between 0.1 and 5 %; one at least. */
export const loseAtRandom: Damage = (packets, { lost, random }) => {
  const rate = random.pick([0.001, 0.003, 0.01, 0.02, 0.05]);
  for (const { at } of packets) if (random.chance(rate)) lost.add(at);
  if (!packets.some(({ at }) => lost.has(at))) lost.add(random.pick(packets).at);
};

/**
 * Packets are lost in runs, between 0.1 and 5 % of all: two states with geometric stays (Gilbert, "Capacity of a
 * burst-noise channel", Bell System Technical Journal 39, 1960); one run at least.
 */
export const loseInBursts: Damage = (packets, { lost, random }) => {
  const rate = random.pick([0.001, 0.003, 0.01, 0.02, 0.05]);
  const run = random.pick([3, 7, 20]);
  let left = 0;
  const lose = (index: number) => {
    const packet = packets[index];
    if (packet) lost.add(packet.at);
  };
  for (let index = 0; index < packets.length; index++) {
    if (left === 0 && random.chance(rate / run)) left = stay(run, random);
    if (left === 0) continue;
    left--;
    lose(index);
  }
  if (packets.some(({ at }) => lost.has(at))) return;
  const from = random.whole(0, packets.length - 1);
  for (let index = from; index < from + stay(run, random); index++) lose(index);
};

/** Bits of the picture are flipped; headers of packets are spared, and so counters stay as they are. One at least. */
export const flipBits: Damage = (packets, { stream, random }) => {
  const rate = random.pick([1e-6, 1e-5, 1e-4]);
  const flip = ({ at, payload }: VideoPacket) => {
    const byte = random.whole(payload, at + packetBytes - 1);
    stream[byte]! ^= 1 << random.whole(0, 7);
  };
  let flipped = false;
  for (const packet of packets) {
    const bits = 8 * (packet.at + packetBytes - packet.payload);
    // At these rates a second one in a packet is rare.
    if (!random.chance(bits * rate)) continue;
    flip(packet);
    flipped = true;
  }
  if (!flipped) flip(random.pick(packets));
};

/** Length of a run whose mean is `mean`, 1 and more. */
function stay(mean: number, random: Random): number {
  return 1 + Math.floor(Math.log(1 - random.between(0, 1)) / Math.log(1 - 1 / mean));
}

/** The stream without the packets at `lost`. */
export function without(stream: Buffer, lost: ReadonlySet<number>): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < stream.length; at += packetBytes) {
    if (!lost.has(at)) kept.push(stream.subarray(at, at + packetBytes));
  }
  return Buffer.concat(kept);
}
