import type { DefectKind, Span } from './schedule.ts';

/** Spans of the defects that are made in a sender's filters; later ones of a kind would need another branch. */
export type FilteredDefects = Partial<Record<DefectKind, Span>>;

/** How late `late-audio` makes the sound, in ms. */
const lateMilliseconds = 300;
/** Sync marker: a white box at the top left for two frames and a 1 kHz tone of 60 ms with it, every 2 s. */
const markerPeriod = 2;
const toneSeconds = 0.06;

/** Filter chain from the input's picture to `[picture]` at `rate` frames per second. */
export function pictureFilters(
  defects: FilteredDefects,
  { rate, marker }: { readonly rate: number; readonly marker: boolean },
): string {
  const { freeze, black } = defects;
  const steps = [`fps=${rate}`];
  if (marker) {
    // A millisecond of grace: time stamps are sums of frame intervals.
    const flash = `lt(mod(t+0.001,${markerPeriod}),${2 / rate})`;
    steps.push(`drawbox=w=iw/4:h=ih/4:t=fill:color=white:enable='${flash}'`);
  }
  if (black) steps.push(`drawbox=t=fill:color=black:enable='${within(black)}'`);
  if (!freeze || freeze.from <= 0) return `[0:v]${steps.join(',')}[picture]`;
  // The branch that ends keeps its last frame on screen, and the encoder codes it afresh: a source that froze.
  return [
    `[0:v]${steps.join(',')},split[moving][ending]`,
    `[ending]trim=end=${freeze.from}[still]`,
    `[moving][still]overlay=eof_action=repeat:enable='${within(freeze)}'[picture]`,
  ].join(';');
}

/** Filter chain from the input's sound to `[sound]`, in stereo at 48 kHz. */
export function soundFilters(defects: FilteredDefects, { marker }: { readonly marker: boolean }): string {
  const { silence, 'late-audio': late } = defects;
  const steps = ['aresample=48000:async=1', 'aformat=channel_layouts=stereo'];
  if (marker) {
    const tone = `0.25*sin(2*PI*1000*t)*lt(mod(t,${markerPeriod}),${toneSeconds})`;
    steps.push(`aeval='0.4*val(0)+${tone}|0.4*val(1)+${tone}':c=same`);
  }
  if (silence) steps.push(`volume=0:enable='${within(silence)}'`);
  if (!late) return `[0:a]${steps.join(',')}[sound]`;
  return [
    `[0:a]${steps.join(',')},asplit[before][after]`,
    `[before]volume=0:enable='${within(late)}'[prompt]`,
    `[after]adelay=${lateMilliseconds}:all=1,volume=0:enable='not(${within(late)})'[late]`,
    '[prompt][late]amix=inputs=2:duration=first:normalize=0[sound]',
  ].join(';');
}

/** What is left of the spans for a sender that starts `elapsed` seconds into its schedule. */
export function remaining(defects: FilteredDefects, elapsed: number): FilteredDefects {
  return Object.fromEntries(
    Object.entries(defects)
      .map(([kind, { from, to }]) => [kind, { from: from - elapsed, to: to - elapsed }] as const)
      .filter(([, { to }]) => to > 0),
  );
}

function within({ from, to }: Span): string {
  return `between(t,${from},${to})`;
}
