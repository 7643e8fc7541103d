import { useEffect } from 'preact/hooks';
import type { View } from './view.ts';

export interface Destinations {
  readonly wallHref: string;
  readonly previousHref: string | undefined;
  readonly nextHref: string | undefined;
}

/** `/` searches, Escape goes back, the arrow keys step from stream to stream. */
export function useShortcuts(
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
      } else if (
        event.key === 'Escape' &&
        event.target instanceof HTMLInputElement &&
        event.target.id === 'search'
      ) {
        change({ search: '' });
        event.target.blur();
      } else if ((view.stream ?? view.incident) !== undefined && !typing) {
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
