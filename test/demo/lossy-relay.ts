import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A network path that can lose packets. */
export interface LossyRelay {
  /** Where to send to. */
  readonly port: number;
  /** From now on one datagram in this many is lost; 0 for none. */
  lose(oneIn: number): void;
  readonly lost: number;
  close(): void;
}

/** Passes UDP datagrams on to a port of 127.0.0.1, as they come. */
export async function startLossyRelay(destination: number): Promise<LossyRelay> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 2 ** 20 });
  let oneIn = 0;
  let received = 0;
  let lost = 0;
  socket.on('message', (datagram) => {
    received++;
    if (oneIn > 0 && received % oneIn === 0) lost++;
    else socket.send(datagram, destination, '127.0.0.1', ignore);
  });
  // Nobody may listen yet, or any more: what is sent then is lost, as on a network.
  socket.on('error', ignore);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    lose: (share) => {
      oneIn = share;
    },
    get lost() {
      return lost;
    },
    close: () => socket.close(),
  };
}

function ignore(): void {}
