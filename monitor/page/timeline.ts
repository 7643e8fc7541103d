import type { VNode } from 'preact';
import type { PageStream, TileIncident } from '../../crds/page-api.ts';
import { html } from './html.ts';
import { type Drawn, incidentSpans, phaseSpans, type Span, timelineRange } from './timeline-spans.ts';
import { detectorTitle, durationText } from './wording.ts';

const height = 16;
/** Worse defects stand higher: the strip is read without its colours. */
const heights = { critical: 16, warning: 11, info: 7 } as const;
const bases = { Up: 3, Ended: 1, Starting: 1, Down: 8 } as const;

/** The last minutes of a stream in one strip: watched or not along the base, incidents standing on it. */
export function TimelineStrip({ stream, now }: { readonly stream: Drawn; readonly now: number }): VNode {
  const range = timelineRange(stream, now);
  const incidents = incidentSpans(stream.incidents, now, range);
  const notWatched = phaseSpans(stream, now, range)
    .filter(({ phase }) => phase === 'Down')
    .reduce((sum, { from, to }) => sum + to - from, 0);
  const count = incidents.length === 1 ? '1 incident' : `${incidents.length} incidents`;
  const blind = notWatched > 0 ? `, ${durationText(notWatched)} not watched` : '';
  const label = `Last ${range / 60} minutes: ${count}${blind}`;
  return html`
    <svg class="timeline" viewBox=${`0 0 ${range} ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>
      ${phases(stream, now, range)} ${incidents.map((span) => bar(span, heights[span.severity], span.severity))}
    </svg>
  `;
}

/** The same, with a lane for each detector and the minutes below. */
export function TimelineLanes({ stream, now }: { readonly stream: PageStream; readonly now: number }): VNode {
  const types = new Set([
    ...stream.detectors.map(({ type }) => type),
    ...stream.incidents.map(({ detector }) => detector),
  ]);
  const range = timelineRange(stream, now);
  const ticks = Array.from(
    { length: range / tickSeconds(range) + 1 },
    (_, index) => range - index * tickSeconds(range),
  );
  return html`
    <div class="lanes">
      <div class="lane">
        <span class="lane-name">Watched</span>
        <svg class="timeline" viewBox=${`0 0 ${range} ${height}`} preserveAspectRatio="none">
          ${phases(stream, now, range)}
        </svg>
      </div>
      ${[...types].map((type) => lane(detectorTitle(type, stream.detectors), stream.incidents, type, now, range))}
      <div class="lane axis" aria-hidden="true">
        <span></span>
        <span class="minutes">
          ${ticks.map((tick) => html`<span key=${tick}>${tick === 0 ? 'now' : `−${durationText(tick)}`}</span>`)}
        </span>
      </div>
    </div>
  `;
}

function lane(
  title: string,
  incidents: readonly TileIncident[],
  type: string,
  now: number,
  range: number,
): VNode {
  const spans = incidentSpans(
    incidents.filter(({ detector }) => detector === type),
    now,
    range,
  );
  return html`
    <div class="lane" key=${type}>
      <span class="lane-name">${title}</span>
      <svg
        class="timeline"
        viewBox=${`0 0 ${range} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label=${`${title}: ${spans.length === 1 ? '1 incident' : `${spans.length} incidents`} in the last ${range / 60} minutes`}
      >
        <rect class="lane-base" x="0" y=${height - 1} width=${range} height="1" />
        ${spans.map((span) => bar(span, heights[span.severity], span.severity))}
      </svg>
    </div>
  `;
}

/** Of the axis below: four or five marks. */
function tickSeconds(range: number): number {
  return range <= 120 ? 30 : range <= 300 ? 60 : 120;
}

function phases(stream: Drawn, now: number, range: number): VNode[] {
  return phaseSpans(stream, now, range).map((span) => bar(span, bases[span.phase], span.phase.toLowerCase()));
}

function bar({ from, to }: Span, tall: number, name: string): VNode {
  return html`<rect class=${`span ${name}`} x=${from} y=${height - tall} width=${to - from} height=${tall} />`;
}
