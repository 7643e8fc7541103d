import type { VNode } from 'preact';
import type { PageStream } from '../../crds/page-api.ts';
import { openIncidents } from './condition.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { detectorTitle } from './wording.ts';

/** What each detector of a stream says: its score against the score of a defect, or why it cannot tell. */
export function DetectorList({ stream }: { readonly stream: PageStream }): VNode {
  const open = openIncidents(stream);
  return html`
    <ul class="detectors">
      ${stream.detectors.map((detector) => {
        const severity = open.find((incident) => incident.detector === detector.type)?.severity;
        return html`
          <li key=${detector.type} class=${`detector ${severity ?? ''} ${detector.unknown === undefined ? '' : 'cannot-tell'}`}>
            <span class="detector-name">
              ${severity && html`<${Icon} name=${severity} />`} ${detectorTitle(detector.type, stream)}
              <code>${detector.type}</code>
            </span>
            ${detector.unknown === undefined ? html`<${Score} ...${detector} />` : html`<${Why} reason=${detector.unknown} />`}
          </li>
        `;
      })}
    </ul>
  `;
}

function Score({ score, threshold }: { readonly score?: number; readonly threshold?: number }): VNode {
  if (score === undefined) return html`<span class="quiet">no judgement yet</span>`;
  const mark = threshold === undefined ? undefined : 100 * threshold;
  return html`
    <span class="score">
      <svg
        class="meter"
        viewBox="0 0 100 8"
        preserveAspectRatio="none"
        role="img"
        aria-label=${`score ${score.toFixed(2)}${threshold === undefined ? '' : `, a defect from ${threshold}`}`}
      >
        <rect class="meter-base" width="100" height="8" />
        <rect class="meter-value" width=${100 * Math.min(1, score)} height="8" />
        ${mark !== undefined && html`<rect class="meter-mark" x=${mark - 0.3} width="0.6" height="8" />`}
      </svg>
      <span class="figure">${score.toFixed(2)}</span>
    </span>
  `;
}

function Why({ reason }: { readonly reason: string }): VNode {
  return html`<span class="why"><${Icon} name="unknown" />Cannot tell: ${reason}</span>`;
}
