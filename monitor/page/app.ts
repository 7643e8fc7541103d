import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { conditionOf } from './condition.ts';
import { Header } from './header.ts';
import { html } from './html.ts';
import { newsOf } from './news.ts';
import { streamKey } from './stream-key.ts';
import { StreamView } from './stream-view.ts';
import { Toolbar } from './toolbar.ts';
import { parseView, type View, viewHash } from './view.ts';
import { shownStreams, WallGrid } from './wall.ts';
import type { FeedState, WallFeed } from './wall-feed.ts';

/** The whole page: header, and the wall or one stream. */
export function App({ feed }: { readonly feed: WallFeed }): VNode {
  const { wall, now, lost, age, news } = useFeed(feed);
  const [view, change] = useView();
  const lastLooked = useRef<string | undefined>(undefined);
  if (view.stream !== undefined) lastLooked.current = view.stream;

  const streams = wall?.streams ?? [];
  const shown = shownStreams(streams, view);
  const keys = shown.map(streamKey);
  const position = view.stream === undefined ? -1 : keys.indexOf(view.stream);
  const hrefOf = (stream: string | undefined) => stream && viewHash({ ...view, stream });
  const previousHref = hrefOf(keys[position - 1]);
  const nextHref = position < 0 ? undefined : hrefOf(keys[position + 1]);
  const wallHref = viewHash(withoutStream(view));
  useShortcuts(view, { wallHref, previousHref, nextHref }, change);
  useTitle(streams.filter((stream) => ['down', 'critical', 'warning'].includes(conditionOf(stream))).length);

  return html`
    <a class="skip" href="#main" onClick=${focusMain}>Skip to the streams</a>
    <${Header} region=${wall?.region} lost=${lost} age=${age} known=${wall !== undefined} />
    <main id="main" tabindex="-1" class=${lost ? 'stale' : ''}>
      ${!wall && html`<${Waiting} lost=${lost} />`}
      ${
        wall &&
        view.stream !== undefined &&
        html`
        <${StreamView}
          stream=${streams.find((stream) => streamKey(stream) === view.stream)}
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
        html`
        <${Toolbar} streams=${streams} view=${view} change=${change} />
        <${WallGrid}
          streams=${shown}
          total=${streams.length}
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

interface Destinations {
  readonly wallHref: string;
  readonly previousHref: string | undefined;
  readonly nextHref: string | undefined;
}

function useShortcuts(
  view: View,
  { wallHref, previousHref, nextHref }: Destinations,
  change: (change: Partial<View>) => void,
): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open]')) return;
      if (event.key === '/' && !typing) {
        const search = document.getElementById('search');
        if (search) event.preventDefault();
        search?.focus();
      } else if (event.key === 'Escape' && typing) {
        change({ search: '' });
        (event.target as HTMLElement).blur();
      } else if (view.stream !== undefined && !typing) {
        const hrefs: Readonly<Record<string, string | undefined>> = {
          Escape: wallHref,
          ArrowLeft: previousHref,
          ArrowRight: nextHref,
        };
        const href = hrefs[event.key];
        if (href !== undefined) location.hash = href;
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  });
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

function withoutStream({ stream: _, ...view }: View): View {
  return view;
}
