import type { VNode } from 'preact';
import type { PageDetector, PageStreamDetail, Recent } from '../../crds/page-api.ts';
import { Chart } from './chart.ts';
import { openIncidents } from './condition.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { detectorTitle } from './wording.ts';

interface DetectorListProps {
  readonly stream: PageStreamDetail;
  readonly now: number;
}

/** What each detector of a stream says: its score against the scores of a defect, or why it cannot tell. */
export function DetectorList({ stream, now }: DetectorListProps): VNode {
  const open = openIncidents(stream);
  return html`
    <ul class="detectors">
      ${stream.detectors.map((detector) => {
        const severity = open.find((incident) => incident.detector === detector.type)?.severity;
        return html`
          <li key=${detector.type} class=${`detector ${severity ?? ''} ${detector.unknown === undefined ? '' : 'cannot-tell'}`}>
            <span class="detector-name">
              ${severity && html`<${Icon} name=${severity} />`} ${detectorTitle(detector.type, stream.detectors)}
              <code>${detector.type}</code>
              ${detector.score !== undefined && html`<b class="figure">${detector.score.toFixed(2)}</b>`}
            </span>
            ${detector.unknown !== undefined && html`<${Why} reason=${detector.unknown} />`}
            <${ScoreCurve} ...${detector} severity=${severity} curve=${stream.curves[detector.type]} now=${now} />
          </li>
        `;
      })}
    </ul>
    <p class="legend quiet" aria-hidden="true">
      <span class="key enter"></span> a defect from here <span class="key exit"></span> over below here
    </p>
  `;
}

interface ScoreCurveProps extends PageDetector {
  readonly severity?: string;
  readonly curve: Recent | undefined;
  readonly now: number;
}

function ScoreCurve({
  score,
  unknown,
  threshold,
  exit,
  severity,
  curve,
  now,
}: ScoreCurveProps): VNode | null {
  if (!curve || curve.values.length === 0) {
    return unknown === undefined ? html`<span class="quiet">no judgement yet</span>` : null;
  }
  const levels = [
    ...(threshold === undefined ? [] : [{ at: threshold, colour: '--critical', dash: [5, 3] }]),
    ...(exit === undefined || exit === threshold ? [] : [{ at: exit, colour: '--muted', dash: [2, 3] }]),
  ];
  return html`
    <${Chart}
      lines=${[{ recent: curve, colour: severity === undefined ? '--accent' : `--${severity}`, fill: true }]}
      levels=${levels}
      range=${[0, 1]}
      height=${44}
      now=${now}
      label=${curveText({ score, threshold, exit, curve })}
    />
  `;
}

function curveText({
  score,
  threshold,
  exit,
  curve,
}: Pick<PageDetector, 'score' | 'threshold' | 'exit'> & { readonly curve: Recent }): string {
  const highest = Math.max(...curve.values.map((value) => value ?? 0));
  return [
    score !== undefined && `score ${score.toFixed(2)}`,
    `highest in the last five minutes ${highest.toFixed(2)}`,
    threshold !== undefined && `a defect from ${threshold}`,
    exit !== undefined && `over below ${exit}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function Why({ reason }: { readonly reason: string }): VNode {
  return html`<span class="why"><${Icon} name="unknown" />Cannot tell: ${reason}</span>`;
}
