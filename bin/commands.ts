import type { CommandLoaders } from '../cli/program.ts';

/** All subcommands of `streammonitor`, in the order of its help. */
export const commands: CommandLoaders = {
  run: async () => (await import('../operator/commands/run.ts')).runCommand(),
  probe: async () => (await import('../monitor/commands/probe.ts')).probeCommand(),
  explain: async () => (await import('../operator/commands/explain.ts')).explainCommand(),
  cost: async () => (await import('../operator/commands/cost.ts')).costCommand(),
  top: async () => (await import('../operator/commands/top.ts')).topCommand(),
  operator: async () => (await import('../operator/commands/operator.ts')).operatorCommand(),
  monitor: async () => (await import('../monitor/commands/monitor.ts')).monitorCommand(),
  slate: async () => (await import('../monitor/commands/slate.ts')).slateCommand(),
  'test-detector': async () => (await import('../monitor/commands/test-detector.ts')).testDetectorCommand(),
  completion: async () => (await import('../cli/completion-commands.ts')).completionCommand(),
};

/** Those of them that ask a cluster: what `kubectl smon` has. */
export const pluginCommands: CommandLoaders = { top: commands.top!, explain: commands.explain! };
