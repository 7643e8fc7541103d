import type { Dispatcher } from 'undici';

/** Header in which a receiver can say what came of an action; or the field `result` of a JSON body. */
const resultHeader = 'streammonitor-result';
/** Bytes of an answer that are read. */
const longestBody = 4096;
/** Longest result that is kept, in characters. */
const longestResult = 100;

/**
 * What a receiver says of the result of an action, made harmless: one short line of plain words. The body is read,
 * or dumped.
 */
export async function resultOf(
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const header = headers[resultHeader];
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(String(headers['content-type']));
  if (header !== undefined || !isJson || Number(headers['content-length'] ?? 0) > longestBody) {
    body.dump({ limit: 65_536, signal }).catch(() => {});
    return plain(Array.isArray(header) ? header[0] : header);
  }
  return plain(resultField(await beginning(body)));
}

/**
 * Words, numbers and a little punctuation: without addresses, long unbroken texts, and longer ones of letters and
 * digits, as URLs and tokens are that a receiver may echo.
 */
export function plain(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const words = text
    .slice(0, 1000)
    .replace(/\S*([@=]|\w\/\w|:\/|\p{L}\.\p{L})\S*/gu, '…')
    .replace(/[^\p{L}\p{N} .,:;()%+_…-]/gu, ' ')
    .replace(/[^ ]{25,}/gu, '…')
    .replace(/[\p{L}\p{N}_-]{8,}/gu, (word) => (/\p{L}/u.test(word) && /\p{N}/u.test(word) ? '…' : word))
    .replace(/ +/g, ' ')
    .trim();
  return words === '' ? undefined : [...words].slice(0, longestResult).join('');
}

async function beginning(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > longestBody) break;
    }
  } catch {
    // The action was taken; that the answer broke off only costs the remark.
  }
  return Buffer.concat(chunks).subarray(0, longestBody).toString();
}

function resultField(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : undefined;
  } catch {
    return undefined;
  }
}
