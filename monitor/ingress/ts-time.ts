/** PTS of MPEG-TS wrap after 2³³ ticks of 90 kHz (ISO/IEC 13818-1 §2.4.3.7), in seconds. */
const ptsWrap = 2 ** 33 / 90_000;

/** What lies between two PTS, in seconds, although one of them may have wrapped; at most half a turn, either way. */
export function ptsDifference(to: number, from: number): number {
  const difference = to - from;
  return difference - ptsWrap * Math.round(difference / ptsWrap);
}
