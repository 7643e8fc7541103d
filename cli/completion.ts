import type { Argument, Command, Option } from 'commander';
import { type CompletedLine, factsOf } from './documented-command.ts';

/** What can stand at the cursor. */
export interface Completions {
  readonly values: readonly { readonly value: string; readonly description?: string }[];
  /** What the shell may add by itself. */
  readonly paths: 'none' | 'files' | 'directories';
}

/** As cobra numbers them, whose protocol kubectl asks plugins to speak. */
const directives = { files: 0, none: 4, directories: 16 } as const;

/**
 * What can stand in the place of the last of `words`, by the commands, options and choices of `program` and by what
 * commands say of their values.
 */
export async function completionsOf(program: Command, words: readonly string[]): Promise<Completions> {
  const [name = '', ...rest] = words;
  if (rest.length === 0) return named(subcommands(program), name);
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (!command) return name === 'help' ? named(subcommands(program), rest[0] ?? '') : nothing;
  return withinCommand(command, rest);
}

/** One value a line, its description after a tab, and last the directive. */
export function completionText({ values, paths }: Completions): string {
  const lines = values.map(({ value, description }) =>
    description === undefined ? value : `${value}\t${description}`,
  );
  return [...lines, `:${directives[paths]}`, ''].join('\n');
}

const nothing: Completions = { values: [], paths: 'none' };

async function withinCommand(command: Command, words: readonly string[]): Promise<Completions> {
  const { options, positionals, pending } = readLine(command, words.slice(0, -1));
  const word = words.at(-1)!;
  if (pending) return valuesOf(command, pending, pending.attributeName(), { word, options });
  const [flag, given] = splitAtEquals(word);
  const assigned = given === undefined ? undefined : optionOf(command, flag);
  if (assigned) {
    const line = { word: given!, options };
    return prefixed(await valuesOf(command, assigned, assigned.attributeName(), line), `${flag}=`);
  }
  if (word.startsWith('-')) {
    const flags = command.createHelp().visibleOptions(command);
    return named(
      flags.map((option) => ({ value: option.long ?? option.short!, description: option.description })),
      word,
    );
  }
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[positionals] ?? (last?.variadic ? last : undefined);
  return argument ? valuesOf(command, argument, argument.name(), { word, options }) : nothing;
}

/** What stands on a line before the cursor. `pending`: an option whose value comes next. */
function readLine(command: Command, words: readonly string[]) {
  const options: Record<string, string> = {};
  let positionals = 0;
  let pending: Option | undefined;
  for (const word of words) {
    if (pending) {
      options[pending.attributeName()] = word;
      pending = undefined;
      continue;
    }
    const [flag, given] = splitAtEquals(word);
    const option = optionOf(command, flag);
    if (!word.startsWith('-')) positionals++;
    else if (option && given !== undefined) options[option.attributeName()] = given;
    else if (option && (option.required || option.optional)) pending = option;
  }
  return { options, positionals, pending };
}

/** Items of a list are completed one by one. */
async function valuesOf(
  command: Command,
  declared: Option | Argument,
  name: string,
  line: CompletedLine,
): Promise<Completions> {
  const source = factsOf(command).values?.[name];
  const values = declared.argChoices ?? (await source?.(line));
  if (!values) return { values: [], paths: pathsOf(declared) };
  const before = line.word.slice(0, line.word.lastIndexOf(',') + 1);
  return named(
    values.map((value) => ({ value: `${before}${value}` })),
    line.word,
  );
}

/** By the name of the value, as in `--state <dir>` and `<url|path>`. */
function pathsOf(declared: Option | Argument): Completions['paths'] {
  const value = 'flags' in declared ? declared.flags.replace(/^[^<[]*/, '') : declared.name();
  if (/\b(dir|module)\b/.test(value)) return 'directories';
  return /\b(file|path)\b/.test(value) ? 'files' : 'none';
}

function subcommands(program: Command): Completions['values'] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), description: command.description() }));
}

function named(values: Completions['values'], word: string): Completions {
  return { values: values.filter(({ value }) => value.startsWith(word)), paths: 'none' };
}

function prefixed({ values, paths }: Completions, prefix: string): Completions {
  return { values: values.map(({ value, ...rest }) => ({ value: `${prefix}${value}`, ...rest })), paths };
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short);
}

function splitAtEquals(word: string): [string, string?] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
}
