import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports on 127.0.0.1 on which nothing listens, below those that the kernel gives to outgoing connections: a client
 * that tries again and again while its server is down would otherwise get the very port and connect to itself.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt > 200) throw new Error('no free ports between 20000 and 29000');
    const port = 20_000 + Math.floor(Math.random() * 9_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
