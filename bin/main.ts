import { readFileSync } from 'node:fs';
import { Command } from 'commander';

/** Of every subcommand: what was asked for cannot be done as it was written. 1 has meanings of its own there. */
const usageError = 2;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const program = new Command('streammonitor')
  .description('Watches live video the way viewers do.')
  .version(version)
  .showHelpAfterError('(add --help for usage)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageError));

/** Subcommands are loaded when they are asked for: `probe` needs nothing of the operator, and starts sooner. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  operator: async () => (await import('../operator/commands/operator.ts')).operatorCommand(),
  run: async () => (await import('../operator/commands/run.ts')).runCommand(),
  explain: async () => (await import('../operator/commands/explain.ts')).explainCommand(),
  probe: async () => (await import('../monitor/commands/probe.ts')).probeCommand(),
  slate: async () => (await import('../monitor/commands/slate.ts')).slateCommand(),
  'test-detector': async () => (await import('../monitor/commands/test-detector.ts')).testDetectorCommand(),
  monitor: async () => (await import('../monitor/commands/monitor.ts')).monitorCommand(),
};

const [name] = process.argv.slice(2);
for (const [command, load] of Object.entries(commands)) {
  if (name === undefined || !(name in commands) || name === command) {
    program.addCommand((await load()).copyInheritedSettings(program));
  }
}
await program.parseAsync();
