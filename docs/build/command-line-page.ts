import type { Argument, Command, Option } from 'commander';
import { exitStatusText, factsOf } from '../../cli/documented-command.ts';
import { markdownTable } from './markdown-table.ts';

/** The page of all commands, from the very definitions that parse what is typed. */
export function commandLinePage(commands: readonly Command[]): string {
  return [
    '<!-- Written by `npm run generate`; do not edit. -->',
    '# Command line',
    '`bin/streammonitor`, or `streammonitor` where it is on the `PATH`. `streammonitor COMMAND --help` says what is here.',
    markdownTable(
      ['command', 'does'],
      commands.map((command) => [`[\`${command.name()}\`](#${command.name()})`, command.description()]),
    ),
    'What is the same everywhere: durations are written like `45ms`, `2s` or `1m30s`, CPU like `2` or `500m`; results go to ' +
      'standard output, logs and errors to standard error; colours and progress show on a terminal alone, and not where ' +
      '`NO_COLOR` is set; exit status 2 says that what was asked for cannot be done as it was written. A second signal ends a ' +
      'command at once.',
    pluginText,
    ...commands.map(commandText),
  ].join('\n\n');
}

const pluginText = [
  '## kubectl plugin',
  'With `bin/kubectl-smon` in a folder of the `PATH`, as a link or where it is, `kubectl smon top` and `kubectl smon explain` ' +
    'do the same with the cluster, context and namespace that kubectl would use. `bin/kubectl_complete-smon` beside it lets ' +
    'kubectl complete them.',
  '    ln -s "$PWD"/bin/kubectl-smon "$PWD"/bin/kubectl_complete-smon ~/.local/bin/\n    kubectl smon top -A',
].join('\n\n');

function commandText(command: Command): string {
  const facts = factsOf(command);
  const { registeredArguments, options } = command;
  return [
    `## ${command.name()}`,
    `\`streammonitor ${command.name()} ${command.usage()}\``,
    sentence(command.description()),
    ...(facts.notes === undefined ? [] : [facts.notes.replaceAll('\n', ' ')]),
    ...(registeredArguments.length > 0
      ? [markdownTable(['argument', ''], registeredArguments.map(argumentRow))]
      : []),
    ...(options.length > 0 ? [markdownTable(['option', 'default', ''], options.map(optionRow))] : []),
    `Exit status: ${exitStatusText(facts)}.`,
    facts.examples.map((example) => `    ${example}`).join('\n'),
  ].join('\n\n');
}

function argumentRow(argument: Argument): string[] {
  return [`\`${argument.name()}\``, argument.description + choicesText(argument)];
}

function optionRow(option: Option): string[] {
  const needed = option.mandatory ? 'required' : '';
  return [`\`${option.flags}\``, defaultText(option) ?? needed, option.description + choicesText(option)];
}

function defaultText({ defaultValue, defaultValueDescription }: Option): string | undefined {
  if (defaultValueDescription === 'none') return undefined;
  if (defaultValueDescription !== undefined) return `\`${defaultValueDescription}\``;
  return defaultValue === undefined ? undefined : `\`${String(defaultValue)}\``;
}

function choicesText({ argChoices }: Pick<Option, 'argChoices'>): string {
  return argChoices ? `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}` : '';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
