import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { parse as parseYaml } from 'yaml';
import { documented } from '../../cli/documented-command.ts';
import { collect, jsonOption } from '../../cli/options.ts';
import { complain } from '../../cli/terminal.ts';
import type { CustomDetector } from '../../crds/custom-detectors.ts';
import { warmUpFfmpeg } from '../converter/ffmpeg.ts';
import { checkModule, type ModuleCheck } from '../detector-kit/check-module.ts';

interface TestDetectorOptions {
  readonly media: readonly string[];
  readonly parameters?: string;
  readonly json?: true;
}

/** Exit codes of `test-detector`. */
const exitCode = { fine: 0, breaches: 1, notTested: 2 } as const;

export function testDetectorCommand(): Command {
  const command = new Command('test-detector')
    .description('check that a module of a detector keeps to the contract, and what it costs')
    .argument('<module>', "the module's folder, or its detector.mjs")
    .addOption(
      new Option('--media <file>', 'media file to run it over; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--parameters <values>', 'its parameters, such as {corner: top-left}')
    .addOption(jsonOption('what was found'))
    .action(async (module: string, options: TestDetectorOptions) => {
      process.exitCode = await testDetector(module, options);
      setImmediate(() => process.exit());
    });
  return documented(command, {
    exitStatus: { 0: 'it keeps to the contract', 1: 'it does not', 2: 'it could not be tested' },
    examples: [
      "streammonitor test-detector examples/logo-detector --media recording.ts --parameters '{corner: top-left}'",
    ],
  });
}

async function testDetector(
  module: string,
  { media, parameters, json }: TestDetectorOptions,
): Promise<number> {
  const missing = [module, ...media].find((path) => !existsSync(path));
  if (missing !== undefined) return complain(`there is no file ${missing}`, exitCode.notTested);
  if (media.length > 0) warmUpFfmpeg();
  try {
    const values = parameters === undefined ? {} : (parseYaml(parameters) as CustomDetector['parameters']);
    const check = await checkModule(module, { media, parameters: values });
    process.stdout.write(json ? `${JSON.stringify(check)}\n` : textOf(check));
    return check.breaches.length > 0 ? exitCode.breaches : exitCode.fine;
  } catch (error) {
    return complain((error as Error).message, exitCode.notTested);
  }
}

function textOf({ manifest, breaches, remarks, cost, runs }: ModuleCheck): string {
  const media = runs.flatMap((run) => [
    `${run.file}: ${run.seconds.toFixed(1)} s, ${run.cost.toFixed(2)} ms of CPU a second`,
    ...run.incidents.map(
      ({ start, end = start, severity, kind }) =>
        `  ${start.toFixed(2)}–${end.toFixed(2)} s  ${severity}  ${kind}`,
    ),
    ...(run.unknown === undefined ? [] : [`  cannot tell: ${run.unknown}`]),
  ]);
  const kinds = manifest && Object.keys(manifest.kinds).join(', ');
  return [
    ...(manifest
      ? [`${manifest.title}: ${kinds}`, `synthetic stream: ${cost.toFixed(2)} ms of CPU a second`]
      : []),
    ...media,
    ...remarks.map((remark) => `remark: ${remark}`),
    ...breaches.map((breach) => `breach: ${breach}`),
    breaches.length === 0 ? 'keeps to the contract' : 'does not keep to the contract',
    '',
  ].join('\n');
}
