import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type PageTile, streamKey } from '../../crds/page-api.ts';
import { conditionOf, matches, ordered } from './condition.ts';
import { html } from './html.ts';
import { Tile, tileId } from './tile.ts';
import { type View, viewHash } from './view.ts';

/** Tiles that are drawn at once: what a browser redraws every second without a pause. */
const drawnAtOnce = 500;

/** The streams that a view shows, in its order. */
export function shownStreams(streams: readonly PageTile[], view: View): readonly PageTile[] {
  const shown = streams.filter(
    (stream) =>
      (view.condition === undefined || conditionOf(stream) === view.condition) &&
      matches(stream, view.search),
  );
  return ordered(shown, view.order);
}

interface WallProps {
  readonly streams: readonly PageTile[];
  /** Of the whole wall, shown or not. */
  readonly total: number;
  readonly view: View;
  readonly now: number;
  /** The stream that was looked at last: its tile has the focus again. */
  readonly returning: string | undefined;
  readonly clear: () => void;
}

/** The wall of tiles. */
export function WallGrid({ streams, total, view, now, returning, clear }: WallProps): VNode {
  const grid = useRef<HTMLUListElement>(null);
  const looked = streams.findIndex((stream) => streamKey(stream) === returning);
  const [limit, setLimit] = useState(Math.max(drawnAtOnce, looked + 1));
  useEffect(() => {
    if (returning === undefined) return;
    document.getElementById(tileId(returning))?.focus();
  }, []);

  if (total === 0) {
    return html`<${Empty} title="No streams yet" text="Streams appear here as soon as this monitor is given some." />`;
  }
  if (streams.length === 0) {
    return html`
      <${Empty} title="No stream matches" text="None of the ${total} streams fits the filter and the search.">
        <button class="button" onClick=${clear}>Show all streams</button>
      <//>
    `;
  }
  return html`
    <ul class=${`wall ${view.size}`} ref=${grid} onKeyDown=${(event: KeyboardEvent) => moveFocus(grid.current!, event)}>
      ${streams.slice(0, limit).map((stream) => {
        const key = streamKey(stream);
        return html`
          <li key=${key}>
            <${Tile} stream=${stream} now=${now} href=${viewHash({ ...view, stream: key })} />
          </li>
        `;
      })}
    </ul>
    ${
      streams.length > limit &&
      html`
      <p class="more">
        ${limit} of ${streams.length} streams are shown, search and filter find all of them.
        <button class="button" onClick=${() => setLimit(limit + drawnAtOnce)}>Show more</button>
      </p>
    `
    }
  `;
}

function Empty({ title, text, children }: { title: string; text: string; children?: VNode }): VNode {
  return html`
    <div class="empty">
      <h2>${title}</h2>
      <p>${text}</p>
      ${children}
    </div>
  `;
}

/** Arrow keys walk the tiles as they lie on the screen. */
function moveFocus(grid: HTMLElement, event: KeyboardEvent): void {
  const tiles = [...grid.querySelectorAll<HTMLElement>('.tile')];
  const from = tiles.indexOf(document.activeElement as HTMLElement);
  if (from < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
  const top = tiles[0]!.getBoundingClientRect().top;
  const firstBelow = tiles.findIndex((tile) => tile.getBoundingClientRect().top > top + 1);
  const columns = firstBelow < 0 ? tiles.length : firstBelow;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -from,
    End: tiles.length - 1 - from,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  tiles[from + step]?.focus();
}
