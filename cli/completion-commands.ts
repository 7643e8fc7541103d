import { Argument, Command } from 'commander';
import { completionsOf, completionText } from './completion.ts';
import { completionScripts, type Shell, shells } from './completion-scripts.ts';
import { documented } from './documented-command.ts';

/** `streammonitor completion`: what a shell sources. */
export function completionCommand(): Command {
  const command = new Command('completion')
    .description('print what makes a shell complete commands, options, files, StreamMonitors and streams')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell) => {
      process.stdout.write(completionScripts[shell]('streammonitor'));
    });
  return documented(command, {
    notes: 'Names of StreamMonitors and streams come from the cluster of the kubeconfig, or are left out.',
    exitStatus: { 0: 'it is printed', 2: 'there is no such shell' },
    examples: [
      'source <(streammonitor completion bash)',
      'source <(streammonitor completion zsh)',
      'streammonitor completion fish | source',
    ],
  });
}

/** `complete -- WORDS`, which shells and kubectl ask. */
export function completeCommand(program: Command): Command {
  const command = new Command('complete')
    .argument('[words...]')
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      process.stdout.write(completionText(await completionsOf(program, words)));
      // A cluster that was asked may keep connections.
      setImmediate(() => process.exit());
    });
  return documented(command, { exitStatus: { 0: 'it is printed' }, examples: [] });
}
