import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type PageStreamDetail, type PageTile, pageRoutes } from '../../crds/page-api.ts';
import { streamReasons } from '../../crds/stream-state.ts';
import { conditionLabels, conditionOf } from './condition.ts';
import { DetectorList } from './detector-list.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { IncidentList } from './incident-list.ts';
import { NotWatched } from './not-watched.ts';
import { Picture } from './picture.ts';
import { usePolled } from './polled.ts';
import { SoundCard } from './sound-card.ts';
import { NoPicture } from './tile.ts';
import { TimelineLanes } from './timeline.ts';
import { timelineRange } from './timeline-spans.ts';
import { agoText, durationText, fullTime, sentence } from './wording.ts';

interface StreamViewProps {
  /** `namespace/monitor/name`. */
  readonly id: string;
  /** The same stream on the wall, if it is there. */
  readonly tile: PageTile | undefined;
  readonly now: number;
  readonly wallHref: string;
  /** Of the streams before and after it on the wall. */
  readonly previousHref: string | undefined;
  readonly nextHref: string | undefined;
}

/** Everything that is known of one stream. */
export function StreamView({ id, tile, now, wallHref, previousHref, nextHref }: StreamViewProps): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = id.split('/').map(encodeURIComponent).join('/');
  const { value, missing, failed } = usePolled<PageStreamDetail>(`${pageRoutes.streams}/${path}`);
  const unheardSince = tile?.unheardSince ?? (failed ? value?.time : undefined);
  const stream = value && { ...value, ...(unheardSince !== undefined && { unheardSince }) };
  const known = stream !== undefined;
  // Whoever reads with the keyboard or a screen reader starts where the new view starts.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [id, known, missing]);

  return html`
    <nav class="crumbs" aria-label="Streams">
      <a class="button" href=${wallHref}><${Icon} name="back" />All streams</a>
      <span class="steps">
        <${Step} href=${previousHref} label="Previous stream" name="previous" />
        <${Step} href=${nextHref} label="Next stream" name="next" />
      </span>
    </nav>
    ${stream && html`<${Details} key=${id} stream=${stream} now=${now} heading=${heading} />`}
    ${
      missing &&
      html`
      <div class="empty">
        <h2 ref=${heading} tabindex="-1">This stream is not watched here</h2>
        <p>It was removed, or moved to another monitor.</p>
      </div>
    `
    }
    ${
      !stream &&
      !missing &&
      html`
      <div class="empty" aria-busy=${!failed}>
        <h2>${failed ? 'The process that watches this stream does not answer' : 'Asking for the stream …'}</h2>
        ${tile && html`<p>${sentence(tile.message)}, as it said ${agoText(tile.unheardSince ?? tile.since, now)}.</p>`}
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

function Details({
  stream,
  now,
  heading,
}: {
  stream: PageStreamDetail;
  now: number;
  heading: object;
}): VNode {
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
      <section class="card" aria-labelledby="sound-title">
        <h3 id="sound-title">Sound</h3>
        ${stream.sound ? html`<${SoundCard} sound=${stream.sound} now=${now} />` : html`<p class="quiet">${stream.audio === undefined ? 'The stream has no sound.' : 'No sound was heard yet.'}</p>`}
      </section>
      <section class="card wide" aria-labelledby="timeline-title">
        <h3 id="timeline-title">Last ${timelineRange(stream, now) / 60} minutes</h3>
        <${TimelineLanes} stream=${stream} now=${now} />
        <${NotWatched} stream=${stream} now=${now} />
      </section>
      <section class="card wide" aria-labelledby="detectors-title">
        <h3 id="detectors-title">Detectors, last five minutes</h3>
        <${DetectorList} stream=${stream} now=${now} />
      </section>
      <section class="card wide" aria-labelledby="incidents-title">
        <h3 id="incidents-title">Incidents</h3>
        <${IncidentList} stream=${stream} now=${now} />
      </section>
    </div>
  `;
}

function Facts({ stream, now }: { readonly stream: PageStreamDetail; readonly now: number }): VNode {
  const { phase, message, reason, since, video, audio, monitoredSeconds, blindSeconds, unheardSince } =
    stream;
  return html`
    <dl class="facts">
      <div class="fact full">
        <dt>State</dt>
        <dd>
          ${phase}: ${message} <code>${reason}</code>
          ${phase === 'Down' && html`<span class="advice">${sentence(streamReasons[reason])}.</span>`}
          ${unheardSince !== undefined && html`<span class="advice">The process that watches it has not answered since ${fullTime(unheardSince)}: what is shown is from then.</span>`}
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
