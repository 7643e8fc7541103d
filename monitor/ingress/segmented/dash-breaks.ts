import type { MpdEvent } from 'mpd-parser';
import { spliceNews } from '../breaks/splice-cues.ts';
import { parseSpliceInfo, type SpliceInfo } from '../breaks/splice-info.ts';
import type { Announcement } from './media-playlist.ts';

/** Messages in XML, in binary as base64, and in binary within XML (ANSI/SCTE 214-1 §6.7). */
const schemes = /^urn:scte:scte35:(2013:xml|2013:bin|2014:xml\+bin)$/;
const ticksPerSecond = 90_000;

/**
 * What the event streams of a manifest say of breaks (ISO/IEC 23009-1 §5.10.2), on its media presentation timeline in
 * seconds. Events within the segments (`emsg`, InbandEventStream) are not read.
 * @param events as the parser read them, in the order of the document: it knows when periods begin
 */
export function eventAnnouncements(root: Element, events: readonly MpdEvent[]): Announcement[] {
  const elements = children(root, 'Period').flatMap((period) =>
    children(period, 'EventStream').flatMap((stream) =>
      children(stream, 'Event').map((event) => ({ stream, event })),
    ),
  );
  return elements.flatMap(({ stream, event }, index) => {
    const read = events[index];
    if (!read || !schemes.test(stream.getAttribute('schemeIdUri') ?? '')) return [];
    const timescale = number(stream, 'timescale') || 1;
    const at = read.start - (number(stream, 'presentationTimeOffset') ?? 0) / timescale;
    const lasts = number(event, 'duration');
    const duration = lasts === undefined ? {} : { duration: lasts / timescale };
    const { news } = spliceNews(message(event));
    if (news.length === 0 || !Number.isFinite(at)) return [];
    return [{ at, news: news.map((each) => (each.cue === 'out' ? { ...duration, ...each } : each)) }];
  });
}

function message(event: Element): SpliceInfo {
  const section = descendants(event, 'SpliceInfoSection')[0];
  if (section) return elementInfo(section);
  const text = (descendants(event, 'Binary')[0] ?? event).textContent ?? '';
  const data = text.trim() || (event.getAttribute('messageData') ?? '');
  return parseSpliceInfo(Buffer.from(data, 'base64'));
}

/** The XML form of a splice_info_section (ANSI/SCTE 35 §11); its times are those of the event. */
function elementInfo(section: Element): SpliceInfo {
  const insert = descendants(section, 'SpliceInsert')[0];
  if (insert) {
    const lasting = descendants(insert, 'BreakDuration')[0];
    return {
      command: 'splice-insert',
      event: number(insert, 'spliceEventId') ?? 0,
      cancelled: truth(insert, 'spliceEventCancelIndicator'),
      out: truth(insert, 'outOfNetworkIndicator'),
      ...ticks(lasting, 'duration'),
    };
  }
  if (descendants(section, 'TimeSignal').length === 0) return { command: 'other' };
  return {
    command: 'time-signal',
    segmentations: descendants(section, 'SegmentationDescriptor').map((descriptor) => ({
      event: number(descriptor, 'segmentationEventId') ?? 0,
      cancelled: truth(descriptor, 'segmentationEventCancelIndicator'),
      type: number(descriptor, 'segmentationTypeId') ?? 0,
      ...ticks(descriptor, 'segmentationDuration'),
    })),
  };
}

function ticks(element: Element | undefined, name: string): { readonly duration?: number } {
  const value = element && number(element, name);
  return value === undefined ? {} : { duration: value / ticksPerSecond };
}

function truth(element: Element, name: string): boolean {
  return ['true', '1'].includes(element.getAttribute(name) ?? '');
}

function number(element: Element, name: string): number | undefined {
  const text = element.getAttribute(name);
  const value = text ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function children(parent: Element, name: string): Element[] {
  return Array.from(parent.childNodes).filter((node): node is Element => node.nodeName === name);
}

/** Whatever prefix the document gives the namespace. */
function descendants(parent: Element, name: string): Element[] {
  return Array.from(parent.getElementsByTagNameNS('*', name));
}
