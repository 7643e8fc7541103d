import { Command } from 'commander';

/** Subcommands are loaded when they are asked for: `probe` needs nothing of the operator, and starts sooner. */
const program = new Command('streammonitor')
  .description('Watches live video the way viewers do.')
  .showHelpAfterError('(add --help for usage)');

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  probe: async () => (await import('../monitor/commands/probe.ts')).probeCommand(),
  monitor: async () => (await import('../monitor/commands/monitor.ts')).monitorCommand(),
  run: async () => (await import('../operator/commands/run.ts')).runCommand(),
};

const [name] = process.argv.slice(2);
for (const [command, load] of Object.entries(commands)) {
  if (name === undefined || name.startsWith('-') || !(name in commands) || name === command) {
    program.addCommand(await load());
  }
}
await program.parseAsync();
