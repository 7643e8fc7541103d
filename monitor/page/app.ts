import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { streamKey } from '../../crds/page-api.ts';
import { conditionOf } from './condition.ts';
import { Header } from './header.ts';
import { html } from './html.ts';
import { IncidentView } from './incident-view.ts';
import { newsOf } from './news.ts';
import { useShortcuts } from './shortcuts.ts';
import { StreamView } from './stream-view.ts';
import { Toolbar } from './toolbar.ts';
import { parseView, type View, viewHash } from './view.ts';
import { shownStreams, WallGrid } from './wall.ts';
import type { FeedState, WallFeed } from './wall-feed.ts';

/** The whole page: header, and the wall, one stream or one incident. */
export function App({ feed }: { readonly feed: WallFeed }): VNode {
  const { wall, now, lost, age, news } = useFeed(feed);
  const [view, change] = useView();
  const lastLooked = useRef<string | undefined>(undefined);
  if (view.stream !== undefined) lastLooked.current = view.stream;

  const tiles = wall?.tiles ?? [];
  const shown = shownStreams(tiles, view);
  const keys = shown.map(streamKey);
  const position = view.stream === undefined ? -1 : keys.indexOf(view.stream);
  const hrefOf = (stream: string | undefined) => stream && viewHash({ ...view, stream });
  const previousHref = hrefOf(keys[position - 1]);
  const nextHref = position < 0 ? undefined : hrefOf(keys[position + 1]);
  const wallHref = viewHash(wallOf(view));
  useShortcuts(view, { wallHref, previousHref, nextHref }, change);
  useTitle(tiles.filter((tile) => ['down', 'critical', 'warning'].includes(conditionOf(tile))).length);

  return html`
    <a class="skip" href="#main" onClick=${focusMain}>Skip to the streams</a>
    <${Header} region=${wall?.region} lost=${lost} age=${age} known=${wall !== undefined} />
    <main id="main" tabindex="-1" class=${lost ? 'stale' : ''}>
      ${!wall && html`<${Waiting} lost=${lost} />`}
      ${
        wall &&
        view.incident !== undefined &&
        html`<${IncidentView} id=${view.incident} now=${now} wallHref=${wallHref} />`
      }
      ${
        wall &&
        view.stream !== undefined &&
        html`
        <${StreamView}
          id=${view.stream}
          tile=${tiles.find((tile) => streamKey(tile) === view.stream)}
          now=${now}
          wallHref=${wallHref}
          previousHref=${previousHref}
          nextHref=${nextHref}
        />
      `
      }
      ${
        wall &&
        view.stream === undefined &&
        view.incident === undefined &&
        html`
        <${Toolbar} streams=${tiles} view=${view} change=${change} />
        <${WallGrid}
          streams=${shown}
          total=${tiles.length}
          view=${view}
          now=${now}
          returning=${lastLooked.current}
          clear=${() => change({ condition: undefined, search: '' })}
        />
      `
      }
    </main>
    <div class="unseen" role="status" aria-live="polite">${news}</div>
  `;
}

function Waiting({ lost }: { readonly lost: boolean }): VNode {
  return html`
    <div class="empty" aria-busy=${!lost}>
      <h2>${lost ? 'The monitor does not answer' : 'Asking the monitor …'}</h2>
      ${lost && html`<p>This page tries again every second.</p>`}
    </div>
  `;
}

function useFeed(feed: WallFeed): FeedState & { readonly news: string } {
  const [state, setState] = useState<FeedState & { readonly news: string }>({ ...feed.state, news: '' });
  useEffect(() => {
    feed.subscribe((next) =>
      setState((before) => ({ ...next, news: newsOf(before.wall, next.wall) ?? before.news })),
    );
  }, []);
  return state;
}

/** The view lives in the URL; typing a search makes no history of its own. */
function useView(): [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => parseView(location.hash));
  useEffect(() => {
    const follow = () => setView(parseView(location.hash));
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const change = (changes: Partial<View>) => {
    const next: View = { ...view, ...changes };
    history.replaceState(null, '', viewHash(next));
    setView(next);
  };
  return [view, change];
}

function useTitle(problems: number): void {
  useEffect(() => {
    document.title = problems > 0 ? `(${problems}) StreamMonitor` : 'StreamMonitor';
  }, [problems]);
}

function focusMain(event: Event): void {
  // The fragment belongs to the view.
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function wallOf({ stream: _, incident: __, ...view }: View): View {
  return view;
}
