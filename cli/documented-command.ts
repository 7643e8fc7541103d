import type { Command } from 'commander';

/** Values that can be completed: those that there are, by what stands before them on the line. */
export type ValueSource = (line: CompletedLine) => readonly string[] | Promise<readonly string[]>;

/** The line up to the word that is being completed. */
export interface CompletedLine {
  /** That word. */
  readonly word: string;
  /** Values of options that were given, by the name that commander knows them by. */
  readonly options: Readonly<Record<string, string>>;
}

/** What help, page and completion of a command have beside what commander knows. */
export interface CommandFacts {
  /** A few sentences. */
  readonly notes?: string;
  /** What each exit status means. */
  readonly exitStatus: Readonly<Record<number, string>>;
  /** Whole lines, beginning with `streammonitor`. */
  readonly examples: readonly string[];
  /** By argument, or by option as commander knows it. */
  readonly values?: Readonly<Record<string, ValueSource>>;
}

const known = new WeakMap<Command, CommandFacts>();

/** Gives a command its facts, and tells them in its help. */
export function documented(command: Command, facts: CommandFacts): Command {
  known.set(command, facts);
  return command.addHelpText('after', ({ command: { parent } }) =>
    factsText(facts).replaceAll(/^ {2}streammonitor /gm, `  ${parent?.name() ?? 'streammonitor'} `),
  );
}

/** @throws Error for a command that was given none */
export function factsOf(command: Command): CommandFacts {
  const facts = known.get(command);
  if (!facts) throw new Error(`the command ${command.name()} is not documented`);
  return facts;
}

/** `0 stopped by a signal, 1 could not run`. */
export function exitStatusText({ exitStatus }: CommandFacts): string {
  return Object.entries(exitStatus)
    .map(([status, meaning]) => `${status} ${meaning}`)
    .join(', ');
}

function factsText(facts: CommandFacts): string {
  const { notes, examples } = facts;
  return [
    ...(notes === undefined ? [] : ['', notes]),
    '',
    `Exit status: ${exitStatusText(facts)}.`,
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}
