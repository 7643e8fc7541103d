import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { targets } from './ssrf-targets.ts';

interface Outcome {
  readonly heard: readonly string[];
  readonly heardWhenAllowed: readonly string[];
  readonly forbidden: readonly { readonly name: string; readonly phase: string; readonly reason: string }[];
}

let outcome: Outcome;

beforeAll(async () => {
  const script = fileURLToPath(new URL('ssrf-namespace.ts', import.meta.url));
  // Never the network of this machine: the namespace begins without any address and ends with the process.
  const own = ['--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child'];
  const { stdout } = await promisify(execFile)('unshare', [...own, process.execPath, script], {
    timeout: 110_000,
  });
  outcome = JSON.parse(stdout) as Outcome;
});

describe('in a network of its own, with a metadata service at 169.254.169.254', () => {
  test('no stream leads a shard to an address that is not public', () => {
    expect(outcome.heard).toEqual([]);
  });

  test('each is Down, and says that the address is not allowed', () => {
    const watched = outcome.forbidden.filter(({ name }) => !name.startsWith('script-'));
    expect(watched.length).toBeGreaterThan(80);
    for (const { name, phase, reason } of watched) {
      const target = targets[name.replace(/^.*-/, '')]!;
      const refusals = target.startsWith('http')
        ? ['EgressDenied']
        : ['UnsupportedStream', 'KeyUnavailable', 'UpstreamError'];
      expect([phase, refusals.includes(reason) || reason], name).toEqual(['Down', true]);
    }
  });

  test('ffmpeg follows no script that comes as media', () => {
    const scripts = outcome.forbidden.filter(({ name }) => name.startsWith('script-'));
    expect(scripts.map(({ reason }) => reason)).toEqual(scripts.map(() => 'Undecodable'));
  });

  test('the service hears what is allowed', () => {
    expect(outcome.heardWhenAllowed).toContain('169.254.169.254');
  });
});
