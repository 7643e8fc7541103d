/** Filter graph that moves all sound, the picture staying: `offset` seconds early where positive, late where negative. */
export function shifted(offset: number, seconds: number): string {
  const late = -offset;
  const moved =
    late >= 0
      ? `adelay=${Math.round(1000 * late)}:all=1`
      : `atrim=start=${offset.toFixed(3)},asetpts=PTS-STARTPTS`;
  return `[0:a]${moved},apad,atrim=end=${seconds.toFixed(3)}[a]`;
}

/** Filter graph that plays the sound faster or slower, so that it is `offset` seconds early (late) after `seconds`. */
export function drifting(offset: number, seconds: number): string {
  const rate = Math.round(48_000 * (1 + offset / seconds));
  return `[0:a]asetrate=${rate},aresample=48000,apad,atrim=end=${seconds.toFixed(3)}[a]`;
}
