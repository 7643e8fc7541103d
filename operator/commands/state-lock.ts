import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/**
 * Keeps a state directory to one process. The lock is an abstract socket (unix(7)), which the kernel takes away
 * with the process, however it ends.
 * @throws Error when another process has it
 */
export async function lockState(directory: string): Promise<Server> {
  const name = createHash('sha256').update(realpathSync(directory)).digest('hex');
  const lock = createServer();
  lock.listen(`\0streammonitor-${name}`);
  lock.unref();
  try {
    await once(lock, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`${directory} is in use by another streammonitor run; give this one its own --state`);
  }
  return lock;
}
