import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { IngressError } from './ingress.ts';
import type { Resource, ResourceRequest } from './resource.ts';

/**
 * Opens a resource of a local playlist.
 * @throws IngressError NotFound, or UnsupportedStream when the reference leaves the file system
 */
export async function openFile(uri: string, { what, range, signal }: ResourceRequest): Promise<Resource> {
  const url = new URL(uri);
  if (url.protocol !== 'file:') {
    throw new IngressError(
      'UnsupportedStream',
      `the local playlist names a ${what} at a ${url.protocol} address: only local files are read; watch the stream by its URL instead`,
    );
  }
  const path = localPath(url);
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || !found?.isFile())
    throw new IngressError('NotFound', `there is no such ${what} file`);
  const offset = range?.offset ?? 0;
  const last = range?.length === undefined ? found.size - 1 : Math.min(found.size, offset + range.length) - 1;
  return {
    uri,
    contentType: '',
    length: Math.max(0, last + 1 - offset),
    offset,
    chunks:
      last < offset
        ? none()
        : createReadStream(path, { start: offset, end: last, signal, highWaterMark: 256 * 1024 }),
  };
}

/** None where the URL names another host, or what no path can hold. */
function localPath(url: URL): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

async function* none(): AsyncGenerator<Buffer> {}
