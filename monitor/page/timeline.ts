import type { VNode } from 'preact';
import type { Incident } from '../../crds/incident.ts';
import type { PageStream } from '../../crds/page-api.ts';
import { html } from './html.ts';
import { incidentSpans, phaseSpans, type Span, timelineSeconds } from './timeline-spans.ts';
import { detectorTitle, durationText } from './wording.ts';

const height = 16;
/** Worse defects stand higher: the strip is read without its colours. */
const heights = { critical: 16, warning: 11, info: 7 } as const;
const bases = { Up: 3, Ended: 1, Starting: 1, Down: 8 } as const;

/** The last ten minutes of a stream in one strip: watched or not along the base, incidents standing on it. */
export function TimelineStrip({ stream, now }: { readonly stream: PageStream; readonly now: number }): VNode {
  const incidents = incidentSpans(stream.incidents, now);
  const notWatched = phaseSpans(stream, now)
    .filter(({ phase }) => phase === 'Down')
    .reduce((sum, { from, to }) => sum + to - from, 0);
  const label = [
    `Last ${timelineSeconds / 60} minutes:`,
    incidents.length === 1 ? '1 incident' : `${incidents.length} incidents`,
    notWatched > 0 ? `, ${durationText(notWatched)} not watched` : '',
  ].join(' ');
  return html`
    <svg class="timeline" viewBox=${`0 0 ${timelineSeconds} ${height}`} preserveAspectRatio="none" role="img" aria-label=${label}>
      ${phases(stream, now)} ${incidents.map((span) => bar(span, heights[span.severity], span.severity))}
    </svg>
  `;
}

/** The same, with a lane for each detector and the minutes below. */
export function TimelineLanes({ stream, now }: { readonly stream: PageStream; readonly now: number }): VNode {
  const types = new Set([
    ...stream.detectors.map(({ type }) => type),
    ...stream.incidents.map(({ detector }) => detector),
  ]);
  const minutes = Array.from(
    { length: timelineSeconds / 120 + 1 },
    (_, index) => timelineSeconds / 60 - 2 * index,
  );
  return html`
    <div class="lanes">
      <div class="lane">
        <span class="lane-name">Watched</span>
        <svg class="timeline" viewBox=${`0 0 ${timelineSeconds} ${height}`} preserveAspectRatio="none">
          ${phases(stream, now)}
        </svg>
      </div>
      ${[...types].map((type) => lane(detectorTitle(type, stream), stream.incidents, type, now))}
      <div class="lane axis" aria-hidden="true">
        <span></span>
        <span class="minutes">
          ${minutes.map((minute) => html`<span key=${minute}>${minute === 0 ? 'now' : `−${minute} min`}</span>`)}
        </span>
      </div>
    </div>
  `;
}

function lane(title: string, incidents: readonly Incident[], type: string, now: number): VNode {
  const spans = incidentSpans(
    incidents.filter(({ detector }) => detector === type),
    now,
  );
  return html`
    <div class="lane" key=${type}>
      <span class="lane-name">${title}</span>
      <svg
        class="timeline"
        viewBox=${`0 0 ${timelineSeconds} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label=${`${title}: ${spans.length === 1 ? '1 incident' : `${spans.length} incidents`} in the last ten minutes`}
      >
        <rect class="lane-base" x="0" y=${height - 1} width=${timelineSeconds} height="1" />
        ${spans.map((span) => bar(span, heights[span.severity], span.severity))}
      </svg>
    </div>
  `;
}

function phases(stream: PageStream, now: number): VNode[] {
  return phaseSpans(stream, now).map((span) => bar(span, bases[span.phase], span.phase.toLowerCase()));
}

function bar({ from, to }: Span, tall: number, name: string): VNode {
  return html`<rect class=${`span ${name}`} x=${from} y=${height - tall} width=${to - from} height=${tall} />`;
}
