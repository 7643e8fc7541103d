import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
const stepsOf = (workflow: string, job: string): Step[] =>
  parse(read(`.github/workflows/${workflow}.yaml`)).jobs[job].steps;
const commandsOf = (steps: readonly Step[]) => steps.flatMap(({ run }) => run ?? []).join('\n');

test('the end-to-end job installs every package that make e2e would ask root for', () => {
  const [, pairs] = /^packages='(.*)'$/m.exec(read('test/setup/e2e.sh'))!;
  const packages = new Set(pairs!.split(' ').map((pair) => pair.split('=')[1]!));
  const [, installed] = /apt-get install (.*)/.exec(commandsOf(stepsOf('test', 'e2e')))!;
  expect(
    installed!
      .split(' ')
      .filter((word) => !word.startsWith('-'))
      .sort(),
  ).toEqual([...packages].sort());
});

test('the end-to-end job has the history with the chart that is upgraded from', () => {
  const checkout = stepsOf('test', 'e2e').find(({ uses }) => uses?.startsWith('actions/checkout@'));
  expect(checkout?.with).toEqual({ 'fetch-depth': 0 });
});

test('a release names version and revision of the image, which the chart then runs', () => {
  const build = stepsOf('release', 'image').find(({ uses }) => uses?.startsWith('docker/build-push-action@'));
  const declared = [...read('Dockerfile').matchAll(/^ARG (REVISION|VERSION)=unknown$/gm)].map(
    ([, name]) => name!,
  );
  const given = String(build?.with?.['build-args']).trim().split('\n');
  expect(given.map((line) => line.split('=')[0]!).sort()).toEqual(declared.sort());

  const commands = commandsOf(stepsOf('release', 'chart'));
  const [pinned, packaged] = ['node charts/build/release.ts', 'helm package'].map((each) =>
    commands.indexOf(each),
  );
  expect(pinned).toBeGreaterThan(-1);
  expect(packaged).toBeGreaterThan(pinned!);
});
