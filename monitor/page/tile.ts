import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { type PageTile, streamKey } from '../../crds/page-api.ts';
import { conditionLabels, conditionOf, openIncidents } from './condition.ts';
import { html } from './html.ts';
import { Icon } from './icon.ts';
import { Picture } from './picture.ts';
import { TimelineStrip } from './timeline.ts';
import { agoText, durationText, incidentSeconds, incidentText, sentence } from './wording.ts';

/** Milliseconds between redraws of a tile whose stream does not change: a pixel of its timeline is about two seconds. */
const quietRedraw = 5000;

export interface TileProps {
  readonly stream: PageTile;
  /** Wall clock in ms since 1970. */
  readonly now: number;
  readonly href: string;
}

/** Id of the element of a stream's tile; `key` is the stream's. */
export function tileId(key: string): string {
  return `tile:${key}`;
}

/** One stream at a glance. */
export function Tile({ stream, now, href }: TileProps): VNode {
  const lively =
    stream.unheardSince !== undefined ||
    stream.phase !== 'Up' ||
    stream.incidents.some(({ state }) => state === 'open');
  const redraw = Math.floor(now / (lively ? 1000 : quietRedraw));
  // The same virtual node again makes preact pass over the tile: most of a wall does not change in a second.
  return useMemo(() => draw(stream, now, href), [stream, redraw, href]);
}

function draw(stream: PageTile, now: number, href: string): VNode {
  const condition = conditionOf(stream);
  const label = conditionLabels[condition];
  return html`
    <a class=${`tile ${condition}`} id=${tileId(streamKey(stream))} href=${href}>
      <div class="screen">
        <${Picture}
          source=${stream.thumbnail}
          label=${`Latest picture of ${stream.name}`}
          placeholder=${html`<${NoPicture} stream=${stream} />`}
        />
        <span class=${`badge ${condition}`}><${Icon} name=${condition} />${label}</span>
      </div>
      <div class="caption">
        <h2 class="name" title=${stream.name}>${stream.name}</h2>
        <span class="owner" title=${`${stream.namespace}/${stream.monitor}`}>${stream.namespace}/${stream.monitor}</span>
      </div>
      <div class="lines">${lines(stream, now)}</div>
      <${TimelineStrip} stream=${stream} now=${now} />
    </a>
  `;
}

/** What stands where a picture would. */
export function NoPicture({
  stream,
}: {
  readonly stream: Pick<PageTile, 'phase' | 'audio' | 'video'>;
}): VNode {
  const soundOnly = stream.phase === 'Up' && stream.audio !== undefined && stream.video === undefined;
  return html`
    <span class="no-picture">
      <${Icon} name=${soundOnly ? 'sound' : stream.phase === 'Down' ? 'down' : 'starting'} />
      ${soundOnly ? 'Sound only' : stream.phase === 'Starting' ? 'Waiting for the first picture' : 'No picture'}
    </span>
  `;
}

/** Two lines, always: tiles of one height keep the wall still. */
function lines(stream: PageTile, now: number): VNode[] {
  const { unheardSince } = stream;
  if (unheardSince !== undefined) {
    const message = 'The process that watches it does not answer: what is shown is from then';
    return [downLine({ message, since: unheardSince }, now, 'tall')];
  }
  const incidents = openIncidents(stream);
  const rows = incidents.map(
    (incident) => html`
      <p class=${`line ${incident.severity}`} key=${incident.id}>
        <${Icon} name=${incident.severity} />
        <span class="what">${incidentText(incident)}</span>
        <span class="when">${durationText(incidentSeconds(incident, now))}</span>
      </p>
    `,
  );
  if (stream.phase === 'Down') {
    if (rows.length === 0) return [downLine(stream, now, 'tall')];
    rows.unshift(downLine(stream, now, ''));
  }
  if (rows.length > 2) {
    const more = rows.length - 1;
    return [rows[0]!, html`<p class="line quiet" key="more">and ${more} more</p>`];
  }
  if (rows.length === 0) rows.push(html`<p class="line quiet" key="state">${quietText(stream, now)}</p>`);
  if (rows.length === 1) rows.push(html`<p class="line quiet" key="media">${mediaText(stream)}</p>`);
  return rows;
}

function downLine(
  { message, since }: Pick<PageTile, 'message' | 'since'>,
  now: number,
  height: 'tall' | '',
): VNode {
  return html`
    <p class=${`line down ${height}`} key="down" title=${message}>
      <${Icon} name="down" />
      <span class="what">${sentence(message)}</span>
      <span class="when">${durationText((now - Date.parse(since)) / 1000)}</span>
    </p>
  `;
}

function quietText({ phase, message, since, incidents }: PageTile, now: number): string {
  if (phase === 'Starting') return sentence(message);
  if (phase === 'Ended') return `${sentence(message)}, ${agoText(since, now)}`;
  const last = incidents[0]?.endTime;
  return last
    ? `Last incident ended ${agoText(last, now)}`
    : `No incident, up for ${durationText((now - Date.parse(since)) / 1000)}`;
}

function mediaText({ video, audio, unknown }: PageTile): string {
  const media = video ?? audio ?? ' ';
  if (unknown === 0) return media;
  return `${media} · ${unknown === 1 ? '1 detector' : `${unknown} detectors`} cannot tell`;
}
