import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiCall, readApiCall } from './api-call.ts';
import { type Certificate, readCertificate } from './certificates.ts';
import type { ControlPlane, ServiceAccountName } from './control-plane.ts';
import { type Fault, type FaultRule, statusObject } from './fault.ts';
import { freePorts } from './free-ports.ts';
import { ProxyUpstream } from './proxy-upstream.ts';
import { WatchRelay } from './watch-relay.ts';

/** Where a client that dies at a write does so: `before` the server gets the request, or `after` it carried it out. */
export type CutPoint = 'before' | 'after';

interface PlannedCut {
  writesLeft: number;
  readonly point: CutPoint;
  readonly kill: () => void | Promise<void>;
  readonly counts: (call: ApiCall) => boolean;
}

/** A call on its way: what the handlers need of it. */
interface Exchange {
  readonly call: { -readonly [K in keyof ApiCall]: ApiCall[K] };
  readonly outgoing: ServerResponse;
  /** Sends the request to the server. */
  readonly reach: () => Promise<IncomingMessage>;
}

/** Starts a proxy before the API server of a cluster. */
export async function startFaultProxy(cluster: ControlPlane): Promise<FaultProxy> {
  const [port] = (await freePorts(1)) as [number];
  const serving = await cluster.authority.issue(`fault-proxy-${port}`, '/CN=fault-proxy', ['IP:127.0.0.1']);
  const proxy = new FaultProxy(
    cluster,
    await ProxyUpstream.to(cluster),
    await readCertificate(serving),
    port,
  );
  await proxy.listen();
  return proxy;
}

/**
 * A TLS proxy before an API server that keeps a log of all calls and makes faults. Bearer tokens are passed on;
 * a client without one speaks as the administrator. HTTP/1.1.
 */
export class FaultProxy {
  /** Every call in order of arrival, those that met a fault included. */
  readonly calls: ApiCall[] = [];
  readonly url: string;
  readonly #cluster: ControlPlane;
  readonly #upstream: ProxyUpstream;
  readonly #server: Server;
  readonly #port: number;
  readonly #rules: { readonly rule: FaultRule; left: number }[] = [];
  readonly #watches = new Map<WatchRelay, ApiCall>();
  #cut: PlannedCut | undefined;
  #severed = false;

  /** Use `startFaultProxy`. */
  constructor(
    cluster: ControlPlane,
    upstream: ProxyUpstream,
    { certificate, key }: Certificate,
    port: number,
  ) {
    this.#cluster = cluster;
    this.#upstream = upstream;
    this.#port = port;
    this.url = `https://127.0.0.1:${port}`;
    this.#server = createServer(
      { cert: certificate, key, keepAliveTimeout: 60_000 },
      (incoming, outgoing) => {
        // The server is down or the client gone: either way the client loses its connection.
        this.#handle(incoming, outgoing).catch(() => outgoing.destroy());
      },
    );
  }

  /** Calls that were to change something, in order of arrival. */
  get writes(): ApiCall[] {
    return this.calls.filter(({ isWrite }) => isWrite);
  }

  /** Path of a kubeconfig that speaks as the service account, through this proxy. */
  kubeconfigFor(account: ServiceAccountName): Promise<string> {
    return this.#cluster.kubeconfigFor(account, this.url);
  }

  /**
   * Adds a rule; the first one that matches a call is used.
   * @returns what removes it
   */
  inject(rule: FaultRule): () => void {
    const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
    this.#rules.push(entry);
    return () => {
      const index = this.#rules.indexOf(entry);
      if (index >= 0) this.#rules.splice(index, 1);
    };
  }

  /**
   * Ends the client at its k-th write from now (from 1): no byte of an answer reaches it, `kill` is called, and
   * every connection is refused until `mend`.
   * @param counts which writes are counted; all when left out
   */
  cutAtWrite(
    k: number,
    point: CutPoint,
    kill: () => void | Promise<void>,
    counts: (call: ApiCall) => boolean = () => true,
  ): void {
    this.#cut = { writesLeft: k, point, kill, counts };
  }

  /** Whether a cut that was planned is still to come. */
  get isCutPending(): boolean {
    return this.#cut !== undefined && this.#cut.writesLeft > 0;
  }

  /** Drops every connection, open watches included, and refuses new ones until `mend`. */
  sever(): void {
    this.#severed = true;
    this.#server.closeAllConnections();
  }

  /** Lets calls through again; a cut that was not reached is forgotten. */
  mend(): void {
    this.#severed = false;
    this.#cut = undefined;
  }

  /**
   * From now on nothing comes over the watches that are open now, although their connections stay.
   * @returns what lets them go on, with the events held back
   */
  stallWatches(matches: (call: ApiCall) => boolean = () => true): () => void {
    const stalled = [...this.#watches].filter(([, call]) => matches(call)).map(([relay]) => relay);
    for (const relay of stalled) relay.hold();
    return () => {
      for (const relay of stalled) relay.release();
    };
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.sever();
    await once(this.#server, 'close');
    this.#upstream.close();
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    if (this.#severed) {
      outgoing.destroy();
      return;
    }
    const call = readApiCall(this.calls.length + 1, incoming, body.toString());
    this.calls.push(call);
    const reach = async () => {
      const answer = await this.#upstream.forward(incoming, body);
      exchange.call.serverCode = answer.statusCode!;
      return answer;
    };
    const exchange: Exchange = { call, outgoing, reach };

    const cut = this.#cut;
    if (call.isWrite && cut?.counts(call) && --cut.writesLeft === 0) return this.#end(cut, exchange);
    const fault = this.#takeFault(call);
    return fault ? this.#apply(fault, exchange) : this.#pass(exchange);
  }

  #takeFault(call: ApiCall): Fault | undefined {
    const entry = this.#rules.find(({ rule, left }) => left > 0 && rule.matches(call));
    if (entry) entry.left--;
    return entry?.rule.fault;
  }

  async #end({ point, kill }: PlannedCut, { reach }: Exchange): Promise<void> {
    // Severed first: what the client still sends while it dies must not arrive.
    this.#severed = true;
    if (point === 'after') await buffer(await reach());
    await kill();
    this.sever();
  }

  async #apply(fault: Fault, exchange: Exchange): Promise<void> {
    const { call, outgoing, reach } = exchange;
    switch (fault.kind) {
      case 'delay':
        await sleep(fault.milliseconds);
        return this.#pass(exchange);
      case 'events':
        return this.#pass(exchange, fault.change);
      case 'answer': {
        if (fault.reaches) await buffer(await reach());
        call.code = fault.status;
        const text = JSON.stringify(fault.body ?? statusObject(fault.status));
        if (fault.retryAfter !== undefined) outgoing.setHeader('retry-after', fault.retryAfter);
        outgoing.writeHead(fault.status, { 'content-type': 'application/json' }).end(text);
        return;
      }
      case 'cut':
        if (fault.reaches) await buffer(await reach());
        outgoing.destroy();
        return;
      case 'hang':
        if (fault.reaches) await buffer(await reach());
    }
  }

  async #pass(
    { call, outgoing, reach }: Exchange,
    change?: (Fault & { kind: 'events' })['change'],
  ): Promise<void> {
    const answer = await reach();
    if (this.#severed) {
      answer.destroy();
      outgoing.destroy();
      return;
    }
    call.code = answer.statusCode!;
    // The length is that of another body once events are left out; connections are this proxy's own.
    const { connection, 'transfer-encoding': _, ...headers } = answer.headers;
    outgoing.writeHead(answer.statusCode!, headers);
    if (call.verb !== 'watch' || answer.statusCode !== 200) return pipeline(answer, outgoing);

    const relay = new WatchRelay(outgoing, change);
    this.#watches.set(relay, call);
    outgoing.once('close', () => this.#watches.delete(relay));
    await relay.run(answer);
  }
}
