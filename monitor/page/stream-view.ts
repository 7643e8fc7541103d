import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PageStream } from '../../crds/page-api.ts';
import { conditionLabels, conditionOf } from './condition.ts';
import { DetectorList } from './detector-list.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { IncidentList } from './incident-list.ts';
import { Picture } from './picture.ts';
import { streamKey } from './stream-key.ts';
import { NoPicture } from './tile.ts';
import { TimelineLanes } from './timeline.ts';
import { timelineRange } from './timeline-spans.ts';
import { durationText, fullTime } from './wording.ts';

interface StreamViewProps {
  readonly stream: PageStream | undefined;
  readonly now: number;
  readonly wallHref: string;
  /** Of the streams before and after it on the wall. */
  readonly previousHref: string | undefined;
  readonly nextHref: string | undefined;
}

/** Everything that is known of one stream. */
export function StreamView({ stream, now, wallHref, previousHref, nextHref }: StreamViewProps): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const key = stream && streamKey(stream);
  // Whoever reads with the keyboard or a screen reader starts where the new view starts.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [key]);

  return html`
    <nav class="crumbs" aria-label="Streams">
      <a class="button" href=${wallHref}><${Icon} name="back" />All streams</a>
      <span class="steps">
        <${Step} href=${previousHref} label="Previous stream" name="previous" />
        <${Step} href=${nextHref} label="Next stream" name="next" />
      </span>
    </nav>
    ${
      stream
        ? html`<${Details} key=${key} stream=${stream} now=${now} heading=${heading} />`
        : html`
          <div class="empty">
            <h2 ref=${heading} tabindex="-1">This stream is not watched here</h2>
            <p>It was removed, or moved to another monitor.</p>
          </div>
        `
    }
  `;
}

function Step({
  href,
  label,
  name,
}: {
  href: string | undefined;
  label: string;
  name: string;
}): VNode | null {
  if (href === undefined) return null;
  return html`<a class=${`button step ${name}`} href=${href} aria-label=${label} title=${label}><${Icon} name="next" /></a>`;
}

function Details({ stream, now, heading }: { stream: PageStream; now: number; heading: object }): VNode {
  const condition = conditionOf(stream);
  return html`
    <header class="title">
      <h2 ref=${heading} tabindex="-1">${stream.name}</h2>
      <span class=${`badge ${condition}`}><${Icon} name=${condition} />${conditionLabels[condition]}</span>
      <span class="owner">${stream.namespace}/${stream.monitor}</span>
    </header>
    <div class="stream">
      <section class="card viewer" aria-label="Picture">
        <div class=${`screen ${condition}`}>
          <${Picture}
            source=${stream.thumbnail}
            label=${`Latest picture of ${stream.name}`}
            placeholder=${html`<${NoPicture} stream=${stream} />`}
          />
        </div>
        <${Facts} stream=${stream} now=${now} />
      </section>
      <section class="card" aria-labelledby="detectors-title">
        <h3 id="detectors-title">Detectors</h3>
        <${DetectorList} stream=${stream} />
      </section>
      <section class="card wide" aria-labelledby="timeline-title">
        <h3 id="timeline-title">Last ${timelineRange(stream, now) / 60} minutes</h3>
        <${TimelineLanes} stream=${stream} now=${now} />
      </section>
      <section class="card wide" aria-labelledby="incidents-title">
        <h3 id="incidents-title">Incidents</h3>
        <${IncidentList} stream=${stream} now=${now} />
      </section>
    </div>
  `;
}

function Facts({ stream, now }: { readonly stream: PageStream; readonly now: number }): VNode {
  const { phase, message, reason, since, video, audio, monitoredSeconds, blindSeconds } = stream;
  return html`
    <dl class="facts">
      <div class="fact full">
        <dt>State</dt>
        <dd>
          ${phase}: ${message} <code>${reason}</code>
          <small title=${fullTime(since)}> for ${durationText((now - Date.parse(since)) / 1000)}</small>
        </dd>
      </div>
      <div class="fact"><dt>Video</dt><dd>${video ?? 'none'}</dd></div>
      <div class="fact"><dt>Audio</dt><dd>${audio ?? 'none'}</dd></div>
      <div class="fact"><dt>Watched</dt><dd>${durationText(monitoredSeconds)}</dd></div>
      <div class=${`fact ${blindSeconds >= 1 ? 'down' : ''}`}>
        <dt>Not watched</dt>
        <dd>${blindSeconds > 0 ? durationText(blindSeconds) : 'never'}</dd>
      </div>
    </dl>
  `;
}
