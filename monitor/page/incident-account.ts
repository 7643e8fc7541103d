import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Incident, IncidentAction } from '../../crds/incident.ts';
import { type PageIncident, pageRoutes } from '../../crds/page-api.ts';
import type { SuppressionReason } from '../../crds/suppression.ts';
import { conditionLabels } from './condition.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { agoText, durationText, fullTime, incidentSeconds, incidentText, percentText } from './wording.ts';

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

interface AccountProps {
  readonly incident: PageIncident;
  readonly now: number;
  /** Of the incident's own view. */
  readonly href?: string;
}

/** What is known of an incident, in words. */
export function Account({ incident, now, href }: AccountProps): VNode {
  const { severity, state, startTime, suppressed, slate } = incident;
  const title = incidentText(incident);
  return html`
    <div class="account">
      <p class="headline">
        <span class=${`badge ${state === 'open' && suppressed === undefined ? severity : 'closed'}`}>
          ${
            suppressed === undefined
              ? html`<${Icon} name=${severity} />${conditionLabels[severity]}`
              : `Suppressed: ${suppressions[suppressed]}${slate === undefined ? '' : `: ${slate}`}`
          }
        </span>
        ${href === undefined ? html`<b>${title}</b>` : html`<a class="incident-link" href=${href}>${title}</a>`}
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
export function EvidencePicture({ name, label }: { readonly name: string; readonly label: string }): VNode {
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

/** Path of a picture, relative to the page. */
export function evidenceSource(name: string): string {
  return `.${pageRoutes.evidence}/${encodeURIComponent(name)}`;
}
