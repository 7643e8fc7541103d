import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WatchLine } from './fault.ts';

/** Passes the events of one watch on, one by one. */
export class WatchRelay {
  readonly #outgoing: ServerResponse;
  readonly #change: ((event: WatchLine, send: (event: WatchLine) => void) => void) | undefined;
  readonly #held: WatchLine[] = [];
  #holding = false;

  constructor(
    outgoing: ServerResponse,
    change?: (event: WatchLine, send: (event: WatchLine) => void) => void,
  ) {
    this.#outgoing = outgoing;
    this.#change = change;
  }

  /** Relays until either side ends. */
  async run(upstream: IncomingMessage): Promise<void> {
    this.#outgoing.once('close', () => upstream.destroy());
    // The client learns at once that its watch stands, before any event.
    this.#outgoing.flushHeaders();
    let rest = '';
    for await (const chunk of upstream.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.#receive(JSON.parse(line) as WatchLine);
    }
    // A stalled connection stays open however the server ends.
    if (!this.#holding) this.#outgoing.end();
  }

  hold(): void {
    this.#holding = true;
  }

  release(): void {
    this.#holding = false;
    for (const event of this.#held.splice(0)) this.#send(event);
  }

  #receive(event: WatchLine): void {
    if (this.#change) this.#change(event, (changed) => this.#send(changed));
    else this.#send(event);
  }

  #send(event: WatchLine): void {
    if (this.#holding) this.#held.push(event);
    else if (this.#outgoing.writable) this.#outgoing.write(`${JSON.stringify(event)}\n`);
  }
}
