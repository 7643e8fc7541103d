import { styleText } from 'node:util';
import { Command } from 'commander';
import { packageVersion } from './package-version.ts';

/** Of every subcommand: what was asked for cannot be done as it was written. 1 has meanings of its own there. */
const usageError = 2;

/** Subcommands by name, loaded when they are asked for: `probe` needs nothing of the operator, and starts sooner. */
export type CommandLoaders = Readonly<Record<string, () => Promise<Command>>>;

/** A program without subcommands yet. `name`: as it is typed, such as `kubectl smon`. */
export function createProgram(name: string): Command {
  const plain = { validateStream: false };
  return (
    new Command(name)
      .description('Watches live video the way viewers do.')
      .version(packageVersion())
      .showHelpAfterError('(add --help for usage)')
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageError))
      // Commander takes colours out again where there is no terminal, or NO_COLOR is set.
      .configureHelp({
        styleTitle: (text) => styleText('bold', text, plain),
        styleCommandText: (text) => styleText('cyan', text, plain),
        styleOptionTerm: (text) => styleText('cyan', text, plain),
        styleSubcommandTerm: (text) => styleText('cyan', text, plain),
        styleArgumentTerm: (text) => styleText('cyan', text, plain),
      })
      .configureOutput({
        outputError: (text, write) => write(styleText('red', text, { stream: process.stderr })),
      })
  );
}

/** Adds the subcommand that is asked for; all where none of them is. */
export async function addCommands(
  program: Command,
  loaders: CommandLoaders,
  asked: string | undefined,
): Promise<void> {
  const known = asked !== undefined && asked in loaders;
  for (const [name, load] of Object.entries(loaders)) {
    if (!known || name === asked) program.addCommand((await load()).copyInheritedSettings(program));
  }
}
