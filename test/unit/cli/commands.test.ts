import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../bin/commands.ts';
import { factsOf } from '../../../cli/documented-command.ts';

const all = await Promise.all(Object.values(commands).map((load) => load()));
const options = all.flatMap((command) =>
  command.options.map((option) => ({ command: command.name(), option })),
);

/** What commander makes of a line, without what the command does. */
async function parsed(line: string): Promise<Command> {
  const [name, ...words] = wordsOf(line);
  const command = await commands[name!]!();
  command.exitOverride().configureOutput({ writeErr: () => {} });
  await command.action(() => {}).parseAsync(words, { from: 'user' });
  return command;
}

/** The words after `streammonitor`, up to what takes the output. */
function wordsOf(line: string): string[] {
  const own = /\bstreammonitor (.*?)(?:\)| \|.*)?$/.exec(line)![1]!;
  return [...own.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

describe('every command', () => {
  it.each(all.map((command) => [command.name(), command] as const))(
    '%s says what it does and how it ends, by examples that it takes',
    async (name, command) => {
      const { exitStatus, examples } = factsOf(command);
      expect(command.description()).toMatch(/^[a-z].*[^.]$/s);
      expect(Object.keys(exitStatus)).toEqual(expect.arrayContaining(['0', '2']));
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect((await parsed(example)).name(), example).toBe(name);
    },
  );

  it('is named as it is loaded', () => {
    expect(all.map((command) => command.name())).toEqual(Object.keys(commands));
  });
});

describe('options', () => {
  it.each([...Map.groupBy(options, ({ option }) => option.long!)])(
    '%s is the same wherever it is',
    (_, uses) => {
      const forms = uses.map(({ option }) => ({
        flags: option.flags,
        choices: option.argChoices,
        parsed: option.parseArg !== undefined,
      }));
      // What monitor listens on may be a socket, and it is told by operator and run alone.
      const [first, ...others] = forms.filter(
        (_, index) => !(uses[index]!.command === 'monitor' && uses[index]!.option.long === '--listen'),
      );
      for (const other of others) expect(other).toEqual(first);
    },
  );

  it('print results as JSON wherever there are results', () => {
    const printing = ['probe', 'explain', 'cost', 'top', 'slate', 'test-detector'];
    expect(options.filter(({ option }) => option.long === '--json').map(({ command }) => command)).toEqual(
      printing,
    );
  });

  it.each([
    ['run -f live.yaml --shard-cpu two', 'write it like 500m, 2'],
    ['run -f live.yaml --max-shards 0', 'a whole number above 0'],
    ['run -f live.yaml --log-level loud', 'Allowed choices are fatal'],
    ['run -f live.yaml --allow-range 10.0.0.1', 'CIDR form'],
    ['probe --duration 60 x.ts', 'write it like 45ms, 2s'],
    ['probe --header token x.ts', 'Authorization: Bearer'],
    ['top --only upp', '"upp" is not a state; there are starting, up'],
    ['top --interval 1ms', '500ms or more'],
    ['top --url localhost:8080', 'write it like http://127.0.0.1:8080'],
    ['top Sports', 'lower-case letters'],
    ['top -A -n live', "option '-A, --all-namespaces' cannot be used with option '-n, --namespace <name>'"],
    ['top --url http://x -n live', 'cannot be used with'],
  ])('%s is refused with the field and the fix', async (line, fix) => {
    await expect(parsed(`streammonitor ${line}`)).rejects.toThrow(fix);
  });

  it('read what they say', async () => {
    expect((await parsed('streammonitor run -f x --shard-cpu 1500m')).opts()).toMatchObject({
      shardCpu: 1.5,
    });
    expect((await parsed('streammonitor slate --at 1m2.5s x.ts')).opts()).toMatchObject({ at: 62.5 });
    const twice = await parsed(
      "streammonitor probe --header 'A: b:c' --header D:e x.ts --detectors freeze,black",
    );
    expect(twice.opts()).toMatchObject({ header: { A: 'b:c', D: 'e' }, detectors: ['freeze', 'black'] });
  });
});

describe('a command without facts', () => {
  it('is named', () => {
    expect(() => factsOf(new Command('bare'))).toThrow('the command bare is not documented');
  });
});
