import { describe, expect, it } from 'vitest';
import { IngressError } from '../../../../monitor/ingress/ingress.ts';
import type { MediaPlaylist, MediaSegment } from '../../../../monitor/ingress/segmented/media-playlist.ts';
import { SegmentInParts } from '../../../../monitor/ingress/segmented/segment-in-parts.ts';

const whole = 'aabbccdd';
const part = (uri: string, more = {}) => ({ uri, duration: 1, gap: false, ...more });
const parts = ['aa', 'bb', 'cc', 'dd'].map((uri) => part(uri));
const segment = (sequence: number, more: Partial<MediaSegment> = {}): MediaSegment => ({
  ...{ sequence, uri: 'whole', duration: 4, discontinuity: false, gap: false },
  ...more,
});
const playlist = (more: Partial<MediaPlaylist>): MediaPlaylist => ({
  ...{ targetDuration: 4, segments: [segment(6)], ended: false, numbered: true, partTarget: 1 },
  ...more,
});
const open = (count: number) => ({
  ...{ sequence: 7, duration: count, discontinuity: false, gap: false },
  parts: parts.slice(0, count),
});

/** Reads a segment of which the playlist says one thing after the other; a part is called as its bytes are. */
async function reading(versions: readonly MediaPlaylist[], missing: readonly string[] = []) {
  const waits: (number | undefined)[] = [];
  const asked: string[] = [];
  const oddities: string[] = [];
  let version = 0;
  const subject = new SegmentInParts(open(1), {
    playlist: () => versions[version]!,
    wait: async (from) => {
      waits.push(from);
      version++;
    },
    read: async function* ({ uri, range }) {
      const { offset = 0, length } = range ?? {};
      asked.push(range ? `${uri}@${offset}` : uri);
      if (missing.includes(uri)) throw new IngressError('NotFound', `no ${uri}`);
      const bytes = uri === 'whole' ? whole.slice(offset, length && offset + length) : uri;
      yield Buffer.from(bytes);
    },
    onOddity: (what) => oddities.push(what),
    signal: new AbortController().signal,
  });
  const chunks: Buffer[] = [];
  for await (const chunk of subject.bytes()) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), waits, asked, oddities, listed: subject.listed };
}

const listed = (more: Partial<MediaSegment> = {}) => playlist({ segments: [segment(6), segment(7, more)] });

describe('a segment that is read in parts', () => {
  it('is its parts, each once, as they come', async () => {
    const versions = [1, 3].map((count) => playlist({ open: open(count) }));
    const { text, waits, asked, listed: last } = await reading([...versions, listed({ parts })]);
    expect(text).toBe(whole);
    expect(waits).toEqual([1, 3]);
    expect(asked).toEqual(['aa', 'bb', 'cc', 'dd']);
    expect(last?.duration).toBe(4);
  });

  it('is whole where the playlist no longer lists its parts', async () => {
    expect((await reading([playlist({ open: open(4) }), listed()])).asked).toEqual(['aa', 'bb', 'cc', 'dd']);
    expect((await reading([playlist({ open: open(2) }), listed()])).asked).toEqual(['aa', 'bb', 'whole@4']);
    const few = await reading([playlist({ open: open(2) }), listed({ parts: parts.slice(0, 3) })]);
    expect([few.text, few.asked.at(-1)]).toEqual([whole, 'whole@6']);
  });

  it('goes on with the whole one, from the byte that was reached, after a part that is not there', async () => {
    const versions = [playlist({ open: open(2) }), playlist({ open: open(4) }), listed({ parts })];
    const { text, waits, asked, oddities } = await reading(versions, ['bb']);
    expect(text).toBe(whole);
    expect(waits).toEqual([undefined, undefined]);
    expect(asked).toEqual(['aa', 'bb', 'whole@2']);
    expect(oddities).toEqual(['no bb']);
  });

  it('goes on with the whole one after a part that is declared to be missing, or that is listed no more', async () => {
    const gap = { ...open(2), parts: [parts[0]!, part('bb', { gap: true })] };
    const declared = await reading([playlist({ open: gap }), listed({ parts })]);
    expect([declared.text, declared.asked]).toEqual([whole, ['aa', 'whole@2']]);
    const vanished = await reading([playlist({ open: open(2) }), playlist({ open: open(1) }), listed()]);
    expect([vanished.text, vanished.oddities]).toEqual([
      whole,
      ['parts that were listed are no longer there'],
    ]);
  });

  it('takes the rest from its range of a file', async () => {
    const range = { offset: 0, length: whole.length };
    const { text, asked } = await reading([playlist({ open: open(3) }), listed({ range })]);
    expect([text, asked.at(-1)]).toEqual([whole, 'whole@6']);
  });

  it('fails where the playlist goes on without it, or it is declared to be missing', async () => {
    const gone = playlist({ segments: [segment(9)] });
    await expect(reading([playlist({ open: open(1) }), gone])).rejects.toThrow(
      'not in the playlist any more',
    );
    const declared = reading([playlist({ open: open(1) }), listed({ gap: true })]);
    await expect(declared).rejects.toThrow('a segment is declared to be missing');
  });
});
