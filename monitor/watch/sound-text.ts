import type { ConverterSource } from '../converter/converter.ts';
import type { MediaInfo } from '../converter/ffmpeg-log.ts';

/** The sound that is watched, for a person: `stereo, 48 kHz, aac`, and of several tracks which: `track 2 of 3 (de)`. */
export function soundText(
  { layout, sampleRate, codec, soundtrack }: NonNullable<MediaInfo['audio']>,
  source: ConverterSource | undefined,
): string {
  const format = `${layout}, ${sampleRate / 1000} kHz, ${codec}`;
  const listed = source && 'inputs' in source ? source.inputs.find((input) => input.soundtrack) : undefined;
  const { number, of, language } = listed?.soundtrack ?? soundtrack;
  if (of < 2) return format;
  return `track ${number} of ${of}${language === undefined ? '' : ` (${language})`}, ${format}`;
}
