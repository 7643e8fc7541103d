import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type PageIncident, type PageIncidentDetail, pageRoutes, streamKey } from '../../crds/page-api.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { Account, EvidencePicture } from './incident-account.ts';
import { usePolled } from './polled.ts';
import { incidentHash, parseView, viewHash } from './view.ts';
import { fullTime, incidentText } from './wording.ts';

interface IncidentViewProps {
  readonly id: string;
  readonly now: number;
  readonly wallHref: string;
}

/** One incident, open or over: what a link to it shows. */
export function IncidentView({ id, now, wallHref }: IncidentViewProps): VNode {
  const { value, missing, failed } = usePolled<PageIncidentDetail>(
    `${pageRoutes.incidents}/${encodeURIComponent(id)}`,
  );
  const heading = useRef<HTMLHeadingElement>(null);
  const known = value !== undefined;
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [id, known, missing]);
  return html`
    <nav class="crumbs" aria-label="Incident">
      <a class="button" href=${wallHref}><${Icon} name="back" />All streams</a>
      ${value && html`<${CopyLink} id=${id} />`}
    </nav>
    ${value && html`<${Details} incident=${value.incident} now=${now} heading=${heading} />`}
    ${missing && html`<${Gone} heading=${heading} />`}
    ${!value && !missing && html`<div class="empty" aria-busy=${!failed}><h2>${failed ? 'The incident cannot be fetched' : 'Fetching the incident …'}</h2></div>`}
  `;
}

function Details({
  incident,
  now,
  heading,
}: {
  readonly incident: PageIncident;
  readonly now: number;
  readonly heading: object;
}): VNode {
  const { namespace, monitor, stream: name, evidence, startTime, endTime, openedAt } = incident;
  const stream = streamKey({ namespace, monitor, name });
  const title = incidentText(incident);
  return html`
    <header class="title">
      <h2 ref=${heading} tabindex="-1">${title}</h2>
      <a class="owner" href=${viewHash({ ...parseView(''), stream })}>${stream}</a>
    </header>
    <article class=${`card incident-alone ${incident.suppressed === undefined ? incident.severity : 'suppressed'}`}>
      <${Account} incident=${incident} now=${now} />
      <dl class="facts">
        <div class="fact"><dt>Began</dt><dd><time datetime=${startTime}>${fullTime(startTime)}</time></dd></div>
        <div class="fact">
          <dt>Ended</dt>
          <dd>${endTime === undefined ? 'not yet' : html`<time datetime=${endTime}>${fullTime(endTime)}</time>`}</dd>
        </div>
        <div class="fact"><dt>Told</dt><dd><time datetime=${openedAt}>${fullTime(openedAt)}</time></dd></div>
        <div class="fact"><dt>Id</dt><dd><code>${incident.id}</code></dd></div>
      </dl>
      <figure class="evidence-large">
        ${
          evidence === undefined
            ? html`<figcaption class="quiet">There is no picture of this incident.</figcaption>`
            : html`
              <${EvidencePicture} name=${evidence} label=${`${title}: the last good picture beside the worst one, and the score over time`} />
              <figcaption class="quiet">Before and after: the last good picture, the worst one, and the score over time.</figcaption>
            `
        }
      </figure>
    </article>
  `;
}

function Gone({ heading }: { readonly heading: object }): VNode {
  return html`
    <div class="empty">
      <h2 ref=${heading} tabindex="-1">This incident is not kept here any more</h2>
      <p>The latest incidents are kept for the page. Older ones are in the results, under the id in this link.</p>
    </div>
  `;
}

/** Copies the address; where the browser forbids that (no HTTPS), it offers the address to be copied. */
function CopyLink({ id }: { readonly id: string }): VNode {
  const [state, setState] = useState<'idle' | 'copied' | 'shown'>('idle');
  const link = new URL(incidentHash(id), location.href).href;
  const copy = () => {
    const copied = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error('no clipboard'));
    copied.then(
      () => setState('copied'),
      () => setState('shown'),
    );
  };
  const select = (field: HTMLInputElement | null) => field?.select();
  return html`
    <span class="copy">
      ${state === 'shown' && html`<input ref=${select} readonly aria-label="Link to this incident" value=${link} />`}
      <button class="button" onClick=${copy}>
        <${Icon} name="link" /><span role="status">${state === 'copied' ? 'Link copied' : 'Copy link'}</span>
      </button>
    </span>
  `;
}
