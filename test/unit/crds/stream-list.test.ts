import { describe, expect, it, vi } from 'vitest';
import { mergeStreams, parseStreamList, type StreamListProblem } from '../../../crds/stream-list.ts';
import { parseStreamMonitors } from '../../../crds/stream-monitor-file.ts';

const source = { configMap: 'channels', key: 'sports.yaml' };
const url = 'https://origin.example/live.m3u8';
const parsed = (...names: string[]) =>
  parseStreamList(JSON.stringify(names.map((name) => ({ name, url }))), source);
const problemText = ({ configMap, key, index, message }: StreamListProblem) =>
  `${configMap}/${key}${index === undefined ? '' : `[${index}]`}: ${message}`;
const problemsOf = (text: string) => parseStreamList(text, source).problems.map(problemText);

describe('parseStreamList', () => {
  it('reads entries with the defaults of spec.streams, from YAML and from JSON', () => {
    const fromYaml = parseStreamList(`- name: a\n  url: ${url}\n  priority: 80\n`, source);
    expect(fromYaml).toEqual({
      source,
      entries: [{ index: 0, stream: { name: 'a', url, priority: 80, rendition: { select: 'highest' } } }],
      problems: [],
    });
    expect(parseStreamList(JSON.stringify([{ name: 'a', url, priority: 80 }]), source)).toEqual(fromYaml);
    expect(parseStreamList('[]', source)).toEqual({ source, entries: [], problems: [] });
  });

  it('leaves out a wrong entry, and says where it is, what is wrong and what to write', () => {
    const text = [
      `- {name: a, url: "${url}"}`,
      '- {name: B, url: "ftp://host/x"}',
      `- {name: c, url: "${url}", priorty: 1}`,
      '- 7',
      `- {name: d, url: "${url}", window: {start: 2026-06-11T18:00:00Z, end: 2026-06-11T17:00:00Z}}`,
      `- {name: e, url: "${url}"}`,
    ].join('\n');
    const { entries, problems } = parseStreamList(text, source);
    expect(entries.map(({ index, stream }) => [index, stream.name])).toEqual([
      [0, 'a'],
      [5, 'e'],
    ]);
    expect(problems.map(problemText)).toEqual([
      'channels/sports.yaml[1]: name must be lower-case letters, digits and "-", beginning and ' +
        'ending with a letter or digit; url has the scheme "ftp"; supported are http, https, udp, rtp, srt, rtmp, rtmps, rtsp, rtsps',
      'channels/sports.yaml[2]: priorty is not a field; did you mean priority?',
      'channels/sports.yaml[3]: must be an object with named fields, not the number 7',
      'channels/sports.yaml[4]: window.end must be after start',
    ]);
  });

  it.each([
    ['', 'is empty; write [] where no stream is meant'],
    ['# nothing yet', 'is empty; write [] where no stream is meant'],
    ['streams: []', 'is not a list; write one entry "- {name, url}" for each stream'],
    ['- a: 1\n  a: 2', 'line 2: not valid YAML: Map keys must be unique'],
    ['- {name: a', 'line 1: not valid YAML:'],
    ['- []\n---\n- []', 'holds several YAML documents; write one list'],
  ])('takes no entry of the text %j', (text, message) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`channels/sports.yaml: ${message}`);
  });

  it('does not expand aliases without end', () => {
    const levels = [...'abcdefghi'].map((name, level) => {
      const below =
        level === 0
          ? 'x'
          : Array(9)
              .fill(`*${'abcdefghi'[level - 1]}`)
              .join(', ');
      return `- &${name} [${below}]`;
    });
    expect(problemsOf(levels.join('\n'))[0]).toMatch(/alias/i);
  });

  it('never quotes what is no YAML', () => {
    for (const text of [
      '- *secret',
      '- {name: a, url: *secret }',
      '- |secret\n  x',
      '- "\\xsecret"',
      '- a\n}secret',
    ]) {
      expect(problemsOf(text).join()).toMatch(/not valid YAML: [A-Z]/);
      expect(problemsOf(text).join()).not.toMatch(/ecret/);
    }
  });

  it('never repeats credentials', () => {
    expect(problemsOf('- {name: a, url: "https://user:hunter2@host/?token=abc"}')).toEqual([
      'channels/sports.yaml[0]: url contains a user name or password; give credentials with ' +
        'headersFrom or urlFrom',
    ]);
  });
});

describe('mergeStreams', () => {
  const inline = parsed('a', 'b').entries.map(({ stream }) => stream);

  it('puts inline streams first, then those of lists by ConfigMap, key and place, however the lists come', () => {
    const lists = [
      { ...parsed('g'), source: { configMap: 'z', key: 'a' } },
      { ...parsed('e', 'f'), source: { configMap: 'm', key: 'b' } },
      { ...parsed('c', 'd'), source: { configMap: 'm', key: 'a' } },
    ];
    for (const order of [lists, lists.toReversed()]) {
      const { streams, problems } = mergeStreams(inline, order);
      expect(streams.map(({ name }) => name).join('')).toBe('abcdefg');
      expect(problems).toEqual([]);
    }
  });

  it('takes the first of one name and names both places', () => {
    const lists = [
      { ...parsed('c', 'a', 'c'), source: { configMap: 'm', key: 'a' } },
      { ...parsed('c', 'd'), source: { configMap: 'n', key: 'a' } },
    ];
    const { streams, problems } = mergeStreams(inline, lists.toReversed());
    expect(streams.map(({ name }) => name).join('')).toBe('abcd');
    expect(problems.map(problemText)).toEqual([
      'm/a[1]: name "a" is already the name of a stream in spec.streams; names must differ',
      'm/a[2]: name "c" is already the name of a stream in ConfigMap m, key a, entry 0; names must differ',
      'n/a[0]: name "c" is already the name of a stream in ConfigMap m, key a, entry 0; names must differ',
    ]);
  });

  it('leaves out a stream that expects the defects of a detector that there is not', () => {
    const window = (detector: string) => ({
      static: [{ cron: '0 3 * * *', duration: '2h', detectors: [detector] }],
    });
    const list = parseStreamList(
      JSON.stringify(['logo', 'lgo'].map((name) => ({ name, url, expect: window(name) }))),
      source,
    );
    const { streams, problems } = mergeStreams([], [list], ['logo']);
    expect(streams.map(({ name }) => name)).toEqual(['logo']);
    expect(problems.map(problemText)).toEqual([
      expect.stringMatching(
        /: expect\.static\[0\]\.detectors\[0\] "lgo" is not a detector; there are .*, logo$/,
      ),
    ]);
  });

  it('hands on what is wrong with the lists', () => {
    const broken = parseStreamList('no list', source);
    expect(mergeStreams([], [broken]).problems).toEqual(broken.problems);
  });
});

it('says nothing of the document on the standard error of the process', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  try {
    parseStreamList('- ? {token: planted}\n  : 1\n', { configMap: 'lists', key: 'a' });
    expect(() => parseStreamMonitors('? {token: planted}\n: 1\n', 'live.yaml')).toThrow();
    expect(warn).not.toHaveBeenCalled();
  } finally {
    warn.mockRestore();
  }
});
