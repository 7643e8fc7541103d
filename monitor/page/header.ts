import type { VNode } from 'preact';
import { html } from './html.ts';
import { durationText } from './wording.ts';

interface HeaderProps {
  readonly region: string | undefined;
  readonly known: boolean;
  readonly lost: boolean;
  /** Seconds since the last answer. */
  readonly age: number;
}

/** The name of the page, where it looks from, and whether what it shows is of now. */
export function Header({ region, known, lost, age }: HeaderProps): VNode {
  return html`
    <header class="top">
      <h1 class="brand"><img src="favicon.svg" alt="" width="26" height="26" />StreamMonitor</h1>
      ${region !== undefined && html`<span class="region" title="Region">${region}</span>`}
      <span class="gap"></span>
      <span class="keys" aria-hidden="true">
        <kbd>/</kbd> search <kbd>←</kbd><kbd>↑</kbd><kbd>↓</kbd><kbd>→</kbd> move <kbd>Enter</kbd> open <kbd>Esc</kbd> back
      </span>
      <span class=${`link ${lost ? 'lost' : known ? 'live' : ''}`}>${lost ? 'Offline' : known ? 'Live' : 'Connecting'}</span>
    </header>
    ${
      lost &&
      html`
      <div class="banner" role="alert">
        <b>Connection lost.</b>
        ${known ? html` The monitor has not answered for <span class="age">${durationText(age)}</span>; what is shown is from then.` : ' The monitor does not answer.'}
      </div>
    `
    }
  `;
}
