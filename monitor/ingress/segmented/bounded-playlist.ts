import { IngressError } from '../ingress.ts';

/** Of a playlist that is read whole. A day of two-second segments; reading it takes a fifth of a second of CPU. */
const mostSegments = 45_000;
/** Segments of a live playlist that are read, counted from its end: more than an hour of two-second ones. */
const mostRecent = 2000;
/** Characters of a tag: licence data and splice messages stay below it. */
const longestTag = 16_384;
/** Lines of tags that the parser compares with each other. */
const mostCompared = 2000;
const compared =
  /^#EXT-X-(STREAM-INF|I-FRAME-STREAM-INF|MEDIA|DATERANGE|PRELOAD-HINT|RENDITION-REPORT|SKIP)\b/;
/** Characters of the values of all variables: each of them may stand in every line. */
const longestVariables = 1024;
/** What reading attributes costs grows with their number times their length. A day of signed keys costs a third of it. */
const mostWork = 256_000_000;

/**
 * The text of an HLS playlist that the parser reads within about a second; its work grows with the square of some
 * lines, and it writes what is called `__proto__` into the prototype of all objects. Of a live playlist that goes back
 * for hours, the last part.
 * @throws IngressError UnsupportedStream for what no packager writes
 */
export function boundedPlaylist(text: string): string {
  if (text.includes('__proto__')) throw refused('uses a name that is reserved');
  const lines = text.split('\n');
  refuseVariables(lines);
  let segments = 0;
  let comparisons = 0;
  let work = 0;
  for (const line of lines) {
    if (line.startsWith('#EXT-X-')) {
      if (line.length > longestTag) throw refused(`has a tag of more than ${longestTag} characters`);
      if (compared.test(line) && ++comparisons > mostCompared) {
        throw refused(`has more than ${mostCompared} renditions and date ranges`);
      }
      work += line.length * separators(line);
      if (work > mostWork) throw refused('has attributes without end');
    } else if (line.startsWith('#EXTINF') && ++segments > mostSegments) {
      throw refused(`lists more than ${mostSegments} segments`);
    }
  }
  return segments > mostRecent ? recentPart(lines, segments) : text;
}

function refused(what: string): IngressError {
  return new IngressError('UnsupportedStream', `the playlist ${what}`);
}

/** EXT-X-DEFINE: a variable within the value of another doubles with each. */
function refuseVariables(lines: readonly string[]): void {
  const variables = lines.filter((line) => line.startsWith('#EXT-X-DEFINE'));
  const length = variables.reduce((sum, line) => sum + line.length, 0);
  if (length > longestVariables) throw refused(`has variables of more than ${longestVariables} characters`);
  if (variables.some((line) => line.includes('{$'))) throw refused('has variables within variables');
}

function separators(line: string): number {
  let count = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === 0x2c || code === 0x3d || code === 0x22 || code <= 0x20) count++;
  }
  return count;
}

/** Tags that are of one segment, or of what follows up to the next of their kind. */
const ofSegments =
  /^#EXT(INF|-X-(BYTERANGE|DISCONTINUITY|KEY|MAP|PROGRAM-DATE-TIME|GAP|BITRATE|PART|CUE\S*|DATERANGE)\b(?!-))/;

/**
 * A live playlist without all but its newest segments, numbered as before. One that has an end is left whole, and one
 * whose byte ranges follow from each other.
 */
function recentPart(lines: readonly string[], segments: number): string {
  if (lines.some((line) => /^#EXT-X-(ENDLIST|BYTERANGE|SKIP)/.test(line))) return lines.join('\n');
  const kept: string[] = [];
  const inForce = new Map<'key' | 'map', string[]>();
  let dropped = 0;
  let discontinuities = 0;
  let clock: number | undefined;
  let duration = 0;
  let at = 0;
  for (; at < lines.length && dropped < segments - mostRecent; at++) {
    const line = lines[at]!.trim();
    const tag = /^#EXT-X-(KEY|MAP):/.exec(line)?.[1];
    if (tag) {
      const name = tag === 'KEY' ? 'key' : 'map';
      // Several keys may stand together, each for another licence system.
      const together = name === 'key' && /^#EXT-X-KEY:/.test(lines[at - 1] ?? '');
      inForce.set(name, together ? [...(inForce.get(name) ?? []), line] : [line]);
    } else if (/^#EXT-X-DISCONTINUITY\s*$/.test(line)) discontinuities++;
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) clock = Date.parse(line.slice(25));
    else if (line.startsWith('#EXTINF:')) duration = Number.parseFloat(line.slice(8)) || 0;
    else if (line !== '' && !line.startsWith('#')) {
      dropped++;
      if (clock !== undefined) clock += duration * 1000;
    } else if (!ofSegments.test(line)) kept.push(line);
  }
  const dated = clock !== undefined && Math.abs(clock) < 8e15;
  return [
    ...renumbered(kept, { segments: dropped, discontinuities }),
    ...[...inForce.values()].flat(),
    ...(dated ? [`#EXT-X-PROGRAM-DATE-TIME:${new Date(clock!).toISOString()}`] : []),
    ...lines.slice(at),
  ].join('\n');
}

function renumbered(
  head: readonly string[],
  gone: { readonly segments: number; readonly discontinuities: number },
): string[] {
  const number = (tag: string) =>
    Number.parseInt(head.find((line) => line.startsWith(tag))?.slice(tag.length) ?? '0', 10);
  const [media, discontinuity] = ['#EXT-X-MEDIA-SEQUENCE:', '#EXT-X-DISCONTINUITY-SEQUENCE:'];
  const others = head.filter((line) => !line.startsWith(media) && !line.startsWith(discontinuity));
  return [
    ...others,
    `${media}${number(media) + gone.segments}`,
    `${discontinuity}${number(discontinuity) + gone.discontinuities}`,
  ];
}
