import type { RepresentationInfo } from 'mpd-parser';
import { IngressError } from '../ingress.ts';

/** Segments of all representations together: a day of two-second ones in two. */
const mostSegments = 100_000;
/** Elements and attributes, each an object of its own. A day of two-second segments of one track, told one by one. */
const [mostElements, mostAttributes] = [50_000, 200_000];

/**
 * Refuses a manifest that would take seconds or more to read, before it is.
 * @throws IngressError UnsupportedStream
 */
export function refuseHugeManifest(text: string): void {
  if (text.includes('__proto__')) throw refused('uses a name that is reserved');
  // $Number%0999999999d$: the parser pads each address to that width.
  if (/%0\d{3,}d/.test(text)) throw refused('has addresses of endless length');
  if (count(text, '<') > 2 * mostElements) throw refused(`has more than ${mostElements} elements`);
  if (count(text, '=') > mostAttributes) throw refused(`has more than ${mostAttributes} attributes`);
}

/**
 * Refuses a manifest whose templates stand for more segments than anyone lists: a few bytes can mean any number.
 * @throws IngressError UnsupportedStream
 */
export function refuseEndlessManifest(representations: readonly RepresentationInfo[]): void {
  let segments = 0;
  for (const info of representations) {
    segments += listedSegments(info);
    if (!(segments <= mostSegments)) throw refused(`lists more than ${mostSegments} segments`);
  }
}

function refused(what: string): IngressError {
  return new IngressError('UnsupportedStream', `the DASH manifest ${what}`);
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
}

/** How many segments the parser will make of one representation, as it counts them. */
function listedSegments({ attributes, segmentInfo }: RepresentationInfo): number {
  const { template, list, base, segmentTimeline } = segmentInfo;
  const own = { ...attributes, ...(template ?? list ?? base) };
  const number = (name: string, fallback = 0) => {
    const value = Number(own[name] ?? fallback);
    return Number.isNaN(value) ? fallback : value;
  };
  const timescale = number('timescale', 1);
  const now = (number('NOW') + number('clientOffset')) / 1000;
  const untilNow = now - number('availabilityStartTime') - number('periodStart');
  const live = own.type === 'dynamic';
  const duration = number('duration');
  if (duration !== 0) {
    const end = own.endNumber === undefined ? Number.POSITIVE_INFINITY : number('endNumber', 0);
    const lasts = number('periodDuration', number('sourceDuration'));
    const whole = ((live ? untilNow : lasts) * timescale) / duration;
    const window = (number('timeShiftBufferDepth', Number.POSITIVE_INFINITY) * timescale) / duration;
    if (!live) return Math.max(0, Number.isFinite(end) ? end : whole);
    return Math.max(
      0,
      Number.isFinite(end) ? end - Math.max(0, whole - window) : Math.min(whole, window) + 1,
    );
  }
  if (!segmentTimeline) return 1;
  const until = Math.max(number('sourceDuration'), live ? untilNow + number('minimumUpdatePeriod') : 0);
  let time = -1;
  let listed = 0;
  for (const [index, { t = 0, d, r = 0 }] of segmentTimeline.entries()) {
    if (time < 0 || t > time) time = t;
    // Repeated up to the next, or to the end.
    const end = segmentTimeline[index + 1]?.t ?? until * timescale;
    const times = r < 0 ? Math.max(0, Math.ceil((end - time) / d)) : r + 1;
    listed += times;
    time += times * d;
  }
  return listed;
}
