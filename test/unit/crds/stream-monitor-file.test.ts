import { describe, expect, it } from 'vitest';
import { parseStreamMonitors, StreamMonitorFileError } from '../../../crds/stream-monitor-file.ts';

const document = (
  name: string,
  url = 'https://origin.example/live.m3u8',
) => `apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata:
  name: ${name}
spec:
  streams:
    - name: channel-1
      url: ${url}
`;

function problemsOf(text: string): readonly string[] {
  try {
    parseStreamMonitors(text, 'live.yaml');
  } catch (error) {
    if (error instanceof StreamMonitorFileError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseStreamMonitors', () => {
  it('reads several documents and skips empty ones', () => {
    const monitors = parseStreamMonitors(
      `---\n${document('a')}---\n# nothing\n---\n${document('b')}`,
      'live.yaml',
    );
    expect(monitors.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('points at the line of a wrong field, in any document', () => {
    expect(problemsOf(`${document('a')}---\n${document('b', 'ftp://host/x')}`)).toEqual([
      'live.yaml:17: spec.streams[0].url has the scheme "ftp"; supported are http, https, udp, rtp, srt, rtmp, rtmps, rtsp, rtsps',
    ]);
  });

  it('points at the line of a syntax error', () => {
    expect(problemsOf(`${document('a')}  suspend: [true\n`)[0]).toMatch(/^live\.yaml:\d+: not valid YAML: /);
    expect(problemsOf('a: 1\na: 2\n')[0]).toBe('live.yaml:2: not valid YAML: Map keys must be unique');
  });

  it('refuses one name for two objects, text that is no object, and nothing at all', () => {
    expect(problemsOf(`${document('a')}---\n${document('a')}`)).toEqual([
      'live.yaml:13: metadata.name: default/a stands twice',
    ]);
    expect(problemsOf('just text')).toEqual([
      'live.yaml:1: the document must be an object with named fields, not a text',
    ]);
    expect(problemsOf('')).toEqual(['live.yaml: holds no StreamMonitor']);
  });

  it('does not expand aliases without end', () => {
    const bomb = [
      'a: &a [x]',
      ...'bcdefghi'.split('').map((name, index) => {
        const before = 'abcdefgh'[index];
        return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`;
      }),
    ].join('\n');
    expect(problemsOf(bomb)[0]).toMatch(/alias/i);
  });
});
