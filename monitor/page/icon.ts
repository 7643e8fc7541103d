import type { VNode } from 'preact';
import type { Condition } from './condition.ts';
import { html } from './html.ts';

/** Each state has a shape of its own, so that it is told without its colour. */
const shapes: Readonly<
  Record<Condition | 'back' | 'next' | 'search' | 'unknown' | 'sound' | 'close' | 'link', VNode>
> = {
  critical: html`<path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z" fill="currentColor" stroke="none" /><path class="cut" d="M8 4.4v4.4M8 11.4v.2" />`,
  warning: html`<path d="M8 1.2 15.4 14.4H.6z" fill="currentColor" stroke="none" /><path class="cut" d="M8 6v4M8 12.2v.2" />`,
  unheard: html`<path d="M2 11a6 6 0 0 1 6-6M5 14a3 3 0 0 1 3-3M10.5 3.5l4 4m0-4-4 4M8 14v.2" />`,
  info: html`<circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" /><path class="cut" d="M8 7.4v4M8 4.7v.2" />`,
  down: html`<path d="M5 3.6h8.4c.9 0 1.6.7 1.6 1.6v6.2M11.4 12.4H2.6c-.9 0-1.6-.7-1.6-1.6V5.2c0-.7.4-1.3 1-1.5M1.5 1l13 14" />`,
  starting: html`<path d="M4 1.5h8M4 14.5h8M5 1.5c0 4 6 4.5 6 6.5s-6 2.5-6 6.5M11 1.5c0 4-6 4.5-6 6.5s6 2.5 6 6.5" />`,
  ended: html`<rect x="3" y="3" width="10" height="10" rx="1.5" fill="currentColor" stroke="none" />`,
  good: html`<circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" /><path class="cut" d="m4.8 8.3 2.2 2.2 4.3-4.7" />`,
  back: html`<path d="M13.5 8h-11M7 3.5 2.5 8 7 12.5" />`,
  next: html`<path d="m6 3 5 5-5 5" />`,
  search: html`<circle cx="7" cy="7" r="4.7" /><path d="m10.5 10.5 4 4" />`,
  unknown: html`<circle cx="8" cy="8" r="6.5" /><path d="M6 6.3c.2-2.6 4.2-2.4 4 .1-.1 1.5-2 1.6-2 3.1M8 11.8v.2" />`,
  sound: html`<path d="M1.5 8h1M4.5 5v6M7.5 2.5v11M10.5 4.5v7M13.5 6.5v3" />`,
  link: html`<path d="M6.5 9.5 9.5 6.5M7 4.5l1.6-1.6a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.6 1.6a3.2 3.2 0 0 1-4.5-4.5L4.5 7" />`,
  close: html`<path d="m3.5 3.5 9 9M12.5 3.5l-9 9" />`,
};

export function Icon({ name }: { readonly name: keyof typeof shapes }): VNode {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${shapes[name]}</svg>`;
}
