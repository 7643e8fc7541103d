import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientLibrary } from './client-library.ts';
import type { KubeConnection } from './kube-connection.ts';

/**
 * A port of a pod as a unix socket of this machine, by way of the API server and the kubelet: no NetworkPolicy stands
 * between. Takes the right to get and create `pods/portforward`.
 */
export class PodForward {
  readonly socketPath = join(tmpdir(), `streammonitor-${randomUUID()}.sock`);
  readonly #server: Server;
  /** Why the last connection could not be made. */
  #problem: string | undefined;

  private constructor(connect: (socket: Socket) => Promise<void>) {
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      connect(socket).catch((error: unknown) => {
        // What comes of a refused WebSocket is an event.
        this.#problem = (error as { message?: string }).message ?? 'the connection could not be made';
        socket.destroy();
      });
    });
  }

  static async open(
    connection: KubeConnection,
    namespace: string,
    pod: string,
    port: number,
  ): Promise<PodForward> {
    const forward = new PodForward(async (socket) => {
      const portForward = new (clientLibrary().PortForward)(connection.config);
      const opened = await portForward.portForward(namespace, pod, [port], socket, null, socket);
      const webSocket = typeof opened === 'function' ? opened() : opened;
      webSocket?.addEventListener('close', () => socket.end());
      socket.on('close', () => webSocket?.close());
    });
    // Nobody but this user may connect.
    const mask = process.umask(0o177);
    forward.#server.listen(forward.socketPath);
    process.umask(mask);
    await once(forward.#server, 'listening');
    return forward;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  async close(): Promise<void> {
    this.#server.close();
    await rm(this.socketPath, { force: true });
  }
}
