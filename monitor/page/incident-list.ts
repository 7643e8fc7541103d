import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Incident, IncidentAction } from '../../crds/incident.ts';
import type { PageStream, pageRoutes } from '../../crds/page-api.ts';
import type { SuppressionReason } from '../../crds/suppression.ts';
import { conditionLabels, openIncidents } from './condition.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { agoText, durationText, fullTime, incidentSeconds, incidentText, percentText } from './wording.ts';

/** Typed by the contract, whose module is not served to browsers: the compiler keeps the two alike. */
const evidenceRoute: (typeof pageRoutes)['evidence'] = '/api/evidence';

const evidenceAttempts = 4;

const endings: Readonly<Record<NonNullable<Incident['closeReason']>, string>> = {
  recovered: 'recovered',
  'stream-ended': 'open when the stream ended',
  'watch-stopped': 'open when the watching stopped',
};

const suppressions: Readonly<Record<SuppressionReason, string>> = {
  schedule: 'expected by schedule',
  break: 'in an announced break',
  slate: 'a known slate is shown',
};

/** The incidents of a stream, open alarms first, each with its evidence. */
export function IncidentList({ stream, now }: { readonly stream: PageStream; readonly now: number }): VNode {
  const [enlarged, setEnlarged] = useState<Incident>();
  if (stream.incidents.length === 0) {
    return html`<p class="quiet none-yet"><${Icon} name="good" />None since the watching began.</p>`;
  }
  const alarming = openIncidents(stream);
  const others = stream.incidents.filter((incident) => !alarming.includes(incident));
  return html`
    <ol class="incidents">
      ${[...alarming, ...others].map(
        (incident) => html`
          <${Entry} key=${incident.id} incident=${incident} stream=${stream} now=${now} enlarge=${setEnlarged} />
        `,
      )}
    </ol>
    <${Enlarged} incident=${enlarged} stream=${stream} close=${() => setEnlarged(undefined)} />
  `;
}

interface EntryProps {
  readonly incident: Incident;
  readonly stream: PageStream;
  readonly now: number;
  readonly enlarge: (incident: Incident) => void;
}

function Entry({ incident, stream, now, enlarge }: EntryProps): VNode {
  const { severity, state, startTime, evidence, suppressed, slate } = incident;
  const title = incidentText(incident, stream);
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
      <div class="account">
        <p class="headline">
          <span class=${`badge ${state === 'open' && suppressed === undefined ? severity : 'closed'}`}>
            ${
              suppressed === undefined
                ? html`<${Icon} name=${severity} />${conditionLabels[severity]}`
                : `Suppressed: ${suppressions[suppressed]}${slate === undefined ? '' : `: ${slate}`}`
            }
          </span>
          <b>${title}</b>
        </p>
        <p>
          ${state === 'open' ? html`<b class="open-mark">Open</b> for ` : 'Lasted '}
          ${durationText(incidentSeconds(incident, now))}
          <span class="quiet" title=${fullTime(startTime)}>
            , began ${agoText(startTime, now)} at
            <time datetime=${startTime}> ${new Date(startTime).toLocaleTimeString()}</time>
          </span>
        </p>
        <p class="quiet">${particulars(incident)}</p>
        ${incident.actions?.map(
          (action) => html`
            <p class="quiet" key=${action.name} data-action=${action.name}>
              <span title=${fullTime(action.at)}>${actionText(action)}</span>
            </p>
          `,
        )}
      </div>
    </li>
  `;
}

function particulars({ score, confidence, area, source, closeReason }: Incident): string {
  return [
    `score ${score.toFixed(2)}`,
    confidence < 1 && `confidence ${percentText(confidence)}`,
    area !== undefined && `${percentText(area)} of the picture`,
    source !== undefined && `cause: ${source}`,
    closeReason !== undefined && endings[closeReason],
  ]
    .filter(Boolean)
    .join(' · ');
}

const actionOutcomes: Readonly<Record<IncidentAction['outcome'], string>> = {
  pending: 'waits for an answer',
  delivered: 'taken',
  failed: 'refused by its receiver',
  abandoned: 'given up: the incident closed before its receiver could be reached',
};

function actionText({ name, at, outcome, status, result }: IncidentAction): string {
  const text = `action ${name} at ${new Date(at).toLocaleTimeString()}: ${actionOutcomes[outcome]}`;
  return [text, status !== undefined && `HTTP ${status}`, result].filter(Boolean).join(' · ');
}

/** An incident is told of before its picture has been made: a picture that is not there is asked for again. */
function EvidencePicture({ name, label }: { readonly name: string; readonly label: string }): VNode {
  const [attempt, setAttempt] = useState(0);
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    if (!missing || attempt >= evidenceAttempts) return;
    const timer = setTimeout(
      () => {
        setAttempt(attempt + 1);
        setMissing(false);
      },
      1000 * 2 ** attempt,
    );
    return () => clearTimeout(timer);
  }, [missing, attempt]);
  if (missing) return html`<span>${attempt < evidenceAttempts ? 'picture follows' : 'no picture'}</span>`;
  return html`<img src=${evidenceSource(name)} alt=${label} loading="lazy" onError=${() => setMissing(true)} />`;
}

interface EnlargedProps {
  readonly incident: Incident | undefined;
  readonly stream: PageStream;
  readonly close: () => void;
}

function Enlarged({ incident, stream, close }: EnlargedProps): VNode | null {
  const dialog = useRef<HTMLDialogElement>(null);
  if (incident?.evidence === undefined) return null;
  const show = (element: HTMLDialogElement | null) => {
    dialog.current = element;
    if (element && !element.open) element.showModal();
  };
  return html`
    <dialog class="enlarged" ref=${show} onClose=${close} onClick=${() => dialog.current?.close()}>
      <figure>
        <img src=${evidenceSource(incident.evidence)} alt=${`Evidence of ${incidentText(incident, stream)}`} />
        <figcaption>
          <b>${incidentText(incident, stream)}</b> ${fullTime(incident.startTime)}
          <button class="button" aria-label="Close"><${Icon} name="close" /></button>
        </figcaption>
      </figure>
    </dialog>
  `;
}

function evidenceSource(name: string): string {
  return `.${evidenceRoute}/${encodeURIComponent(name)}`;
}
