import { render } from 'preact';
import { App } from './app.ts';
import { html } from './html.ts';
import { WallFeed } from './wall-feed.ts';

const feed = new WallFeed();
render(html`<${App} feed=${feed} />`, document.getElementById('app')!);
feed.start();
