import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Syncs a directory: a file made or renamed in it survives a power cut from then on (fsync(2), Notes). */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
