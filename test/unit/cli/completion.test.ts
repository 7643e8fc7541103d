import { beforeAll, describe, expect, it, vi } from 'vitest';
import { commands } from '../../../bin/commands.ts';
import { completionsOf, completionText } from '../../../cli/completion.ts';
import { addCommands, createProgram } from '../../../cli/program.ts';

const program = createProgram('streammonitor');
beforeAll(() => addCommands(program, commands, undefined));

const answer = async (...words: string[]) => {
  const { values, paths } = await completionsOf(program, words);
  return { values: values.map(({ value }) => value), paths };
};

describe('completion', () => {
  it('knows the commands', async () => {
    expect((await answer('')).values).toEqual([...Object.keys(commands), 'help']);
    expect((await answer('te')).values).toEqual(['test-detector']);
    expect((await answer('help', 'ex')).values).toEqual(['explain']);
    expect((await answer('nothing', '')).values).toEqual([]);
  });

  it('knows the options, and what they say', async () => {
    expect((await answer('top', '--s')).values).toEqual(['--sort']);
    const { values } = await completionsOf(program, ['run', '--max']);
    expect(values).toEqual([{ value: '--max-shards', description: 'most processes that watch streams' }]);
    expect((await answer('run', '-')).values).toContain('--help');
  });

  it('knows the values that there are, after a space and after =', async () => {
    expect((await answer('top', '--sort', 'l')).values).toEqual(['lag']);
    expect((await answer('top', '--sort=l')).values).toEqual(['--sort=lag']);
    expect((await answer('run', '--log-level', '')).values).toContain('trace');
    expect((await answer('completion', '')).values).toEqual(['bash', 'zsh', 'fish']);
  });

  it('completes lists item by item', async () => {
    expect((await answer('probe', '--detectors', 'sta')).values).toEqual(['stall']);
    expect((await answer('probe', '--detectors', 'freeze,sil')).values).toEqual(['freeze,silence']);
    expect((await answer('top', '--only', 'down,unk')).values).toEqual(['down,unknown']);
  });

  it('leaves files and folders to the shell, and nothing else', async () => {
    expect(await answer('run', '-f', 'li')).toEqual({ values: [], paths: 'files' });
    expect(await answer('run', '--file=li')).toEqual({ values: [], paths: 'files' });
    expect(await answer('run', '--state', '')).toEqual({ values: [], paths: 'directories' });
    expect(await answer('probe', '--json', 'rec')).toEqual({ values: [], paths: 'files' });
    expect(await answer('run', '--region', '')).toEqual({ values: [], paths: 'none' });
    expect(await answer('run', '')).toEqual({ values: [], paths: 'none' });
  });

  it('says nothing of a cluster that is not there', async () => {
    vi.stubEnv('KUBECONFIG', '/nowhere');
    expect(await answer('top', '-n', '')).toEqual({ values: [], paths: 'none' });
    expect(await answer('explain', '')).toEqual({ values: [], paths: 'none' });
    expect(await answer('top', '--context', '')).toEqual({ values: [], paths: 'none' });
    vi.unstubAllEnvs();
  });
});

it('is written as kubectl reads it', () => {
  const values = [{ value: 'top', description: 'how streams are' }, { value: 'explain' }];
  expect(completionText({ values, paths: 'none' })).toBe('top\thow streams are\nexplain\n:4\n');
  expect(completionText({ values: [], paths: 'files' })).toBe(':0\n');
  expect(completionText({ values: [], paths: 'directories' })).toBe(':16\n');
});
