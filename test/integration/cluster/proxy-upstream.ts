import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { readCertificate } from './certificates.ts';
import type { ControlPlane } from './control-plane.ts';

/** The way from a proxy to the API server. */
export class ProxyUpstream {
  readonly #server: string;
  /** For clients that bring a token: the server is to see nothing else of them. */
  readonly #bearer: Agent;
  /** For the others, who speak as the administrator. */
  readonly #administrator: Agent;

  private constructor(server: string, bearer: Agent, administrator: Agent) {
    this.#server = server;
    this.#bearer = bearer;
    this.#administrator = administrator;
  }

  static async to({ server, authority, administrator }: ControlPlane): Promise<ProxyUpstream> {
    const trust = { ca: await authority.certificate(), keepAlive: true };
    const { certificate, key } = await readCertificate(administrator);
    return new ProxyUpstream(server, new Agent(trust), new Agent({ ...trust, cert: certificate, key }));
  }

  /**
   * Sends a request on; resolves with the head of the answer.
   * @throws Error when the server cannot be reached
   */
  async forward(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { authorization } = incoming.headers;
    const { host, connection, 'transfer-encoding': _, ...headers } = incoming.headers;
    const outgoing = request(this.#server + incoming.url, {
      method: incoming.method,
      headers: { ...headers, 'content-length': body.length },
      agent: authorization === undefined ? this.#administrator : this.#bearer,
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return answer;
  }

  close(): void {
    this.#bearer.destroy();
    this.#administrator.destroy();
  }
}
