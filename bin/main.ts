import { completeCommand } from '../cli/completion-commands.ts';
import { addCommands, createProgram } from '../cli/program.ts';
import { commands, pluginCommands } from './commands.ts';

const given = process.argv.slice(2);
// Said by bin/kubectl-smon.
const isPlugin = given[0] === 'kubectl';
const words = isPlugin ? given.slice(1) : given;
const program = createProgram(isPlugin ? 'kubectl smon' : 'streammonitor');
const loaders = isPlugin ? pluginCommands : commands;

// What is completed is a line of its own: `complete -- top -n li`.
const isCompleting = words[0] === 'complete';
await addCommands(program, loaders, isCompleting ? words[2] : words[0]);
if (isCompleting) program.addCommand(completeCommand(program), { hidden: true });
await program.parseAsync(words, { from: 'user' });
