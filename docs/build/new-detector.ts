/** `npm run new-detector -- NAME`: a detector with its test and its media case, as the guide has them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { guideFiles } from './guide-files.ts';

const root = join(import.meta.dirname, '../..');

await new Command('npm run new-detector --')
  .description('write a detector, its unit test and its media case: complete, working, and yours to change')
  .argument('<name>', 'what it finds, such as washed-out')
  .showHelpAfterError('(add --help for usage)')
  .action(async (name: string) => {
    process.exitCode = await newDetector(name);
  })
  .parseAsync();

async function newDetector(name: string): Promise<number> {
  let files: Map<string, string>;
  try {
    files = guideFiles(await readFile(join(root, 'docs/writing-a-detector.md'), 'utf8'), name);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  const paths = [...files.keys()];
  const there = paths.find((path) => existsSync(join(root, path)));
  if (there !== undefined) {
    process.stderr.write(`${there} is there already: choose another name\n`);
    return 1;
  }
  for (const [path, text] of files) await writeFile(join(root, path), text);
  // Another name is of another length, and comes elsewhere among imports.
  const biome = join(root, 'node_modules/.bin/biome');
  execFileSync(biome, ['check', '--write', '--log-level=error', ...paths], { cwd: root, stdio: 'inherit' });
  process.stdout.write(`${[...paths, '', ...nextSteps(name)].join('\n')}\n`);
  return 0;
}

function nextSteps(name: string): string[] {
  return [
    'Change what it judges, then:',
    '  npm run generate',
    '  npm run test:unit',
    `  npm run accuracy -- --media test/media --class ${name} --events 10`,
    'What all of it means: docs/writing-a-detector.md',
  ];
}
