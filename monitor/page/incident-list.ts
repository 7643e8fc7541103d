import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { PageIncident, PageStream } from '../../crds/page-api.ts';
import { openIncidents } from './condition.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { Account, EvidencePicture, evidenceSource } from './incident-account.ts';
import { incidentHash } from './view.ts';
import { fullTime, incidentText } from './wording.ts';

/** The incidents of a stream, open alarms first, each with its evidence. */
export function IncidentList({ stream, now }: { readonly stream: PageStream; readonly now: number }): VNode {
  const [enlarged, setEnlarged] = useState<PageIncident>();
  if (stream.incidents.length === 0) {
    return html`<p class="quiet none-yet"><${Icon} name="good" />None since the watching began.</p>`;
  }
  const alarming = openIncidents(stream);
  const others = stream.incidents.filter((incident) => !alarming.includes(incident));
  return html`
    <ol class="incidents">
      ${[...alarming, ...others].map(
        (incident) => html`
          <${Entry} key=${incident.id} incident=${incident} now=${now} enlarge=${setEnlarged} />
        `,
      )}
    </ol>
    <${Enlarged} incident=${enlarged} close=${() => setEnlarged(undefined)} />
  `;
}

interface EntryProps {
  readonly incident: PageIncident;
  readonly now: number;
  readonly enlarge: (incident: PageIncident) => void;
}

function Entry({ incident, now, enlarge }: EntryProps): VNode {
  const { severity, state, evidence, suppressed } = incident;
  const title = incidentText(incident);
  return html`
    <li class=${`incident ${suppressed === undefined ? severity : 'suppressed'} ${state}`} data-incident=${incident.id}>
      ${
        evidence === undefined
          ? html`<span class="evidence none">no picture</span>`
          : html`
            <button class="evidence" aria-label=${`Enlarge the evidence of ${title}`} onClick=${() => enlarge(incident)}>
              <${EvidencePicture} name=${evidence} label=${`Evidence of ${title}`} />
            </button>
          `
      }
      <${Account} incident=${incident} now=${now} href=${incidentHash(incident.id)} />
    </li>
  `;
}

interface EnlargedProps {
  readonly incident: PageIncident | undefined;
  readonly close: () => void;
}

function Enlarged({ incident, close }: EnlargedProps): VNode | null {
  const dialog = useRef<HTMLDialogElement>(null);
  if (incident?.evidence === undefined) return null;
  const show = (element: HTMLDialogElement | null) => {
    dialog.current = element;
    if (element && !element.open) element.showModal();
  };
  return html`
    <dialog class="enlarged" ref=${show} onClose=${close} onClick=${() => dialog.current?.close()}>
      <figure>
        <img src=${evidenceSource(incident.evidence)} alt=${`Evidence of ${incidentText(incident)}`} />
        <figcaption>
          <b>${incidentText(incident)}</b> ${fullTime(incident.startTime)}
          <button class="button" aria-label="Close"><${Icon} name="close" /></button>
        </figcaption>
      </figure>
    </dialog>
  `;
}
