import type { VNode } from 'preact';
import type { PageStreamDetail, PhaseChange } from '../../crds/page-api.ts';
import { streamReasons } from '../../crds/stream-state.ts';
import { html } from './html.ts';
import { durationText, fullTime, sentence } from './wording.ts';

const shown = 8;

/** When the stream could not be watched, and why, the latest first. */
export function NotWatched({
  stream,
  now,
}: {
  readonly stream: PageStreamDetail;
  readonly now: number;
}): VNode | null {
  const changes = stream.history ?? [];
  const gaps = changes
    .map((change, index) => ({ ...change, until: changes[index + 1]?.since }))
    .filter(({ phase }) => phase === 'Down')
    .reverse();
  if (gaps.length === 0) return null;
  return html`
    <ul class="gaps">
      ${gaps.slice(0, shown).map((gap) => html`<${Gap} key=${gap.since} ...${gap} now=${now} />`)}
    </ul>
  `;
}

interface GapProps extends PhaseChange {
  readonly until: string | undefined;
  readonly now: number;
}

function Gap({ since, until, reason, now }: GapProps): VNode {
  const end = until === undefined ? now : Date.parse(until);
  return html`
    <li class=${until === undefined ? 'down' : ''}>
      <time datetime=${since} title=${fullTime(since)}>${new Date(since).toLocaleTimeString()}</time>
      <span>${until === undefined && html`<b>Now</b>, `}${durationText((end - Date.parse(since)) / 1000)}</span>
      <span>${sentence(streamReasons[reason])} <code>${reason}</code></span>
    </li>
  `;
}
