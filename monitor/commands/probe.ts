import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { documented } from '../../cli/documented-command.ts';
import {
  collect,
  duration,
  headerOption,
  jsonOption,
  list,
  logLevelOption,
  modulesOption,
} from '../../cli/options.ts';
import {
  type CustomDetector,
  customDetectorsSchema,
  enabledCustomDetectors,
} from '../../crds/custom-detectors.ts';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { validate } from '../../crds/validation-error.ts';
import { warmUpFfmpeg } from '../converter/ffmpeg.ts';
import type { IngressOptions } from '../ingress/ingress.ts';
import { soundtrackWish } from '../ingress/segmented/soundtrack-choice.ts';
import { CustomModules } from '../modules/custom-modules.ts';
import {
  type ActiveDetector,
  comparesWithReference,
  selectDetectors,
  wantsOf,
} from '../watch/detector-selection.ts';
import { createStreamWatcher } from '../watch/reference-watcher.ts';
import { createLogger } from './logger.ts';
import { audioLanguage, audioTrack, contentKeys, heights, rendition } from './probe-options.ts';
import { JsonReport, type ProbeReport, TextReport } from './probe-report.ts';
import { exitCode, ProbeWatch } from './probe-watch.ts';
import { opener, type SourceOptions } from './source-opener.ts';

interface ProbeOptions extends SourceOptions {
  readonly json?: true;
  readonly duration?: number;
  readonly detectors?: string[];
  readonly modules?: string;
  readonly custom: readonly string[];
  readonly reference?: string;
  readonly rendition: IngressOptions['rendition'];
  readonly heights?: number[];
  readonly logLevel: string;
}

export function probeCommand(): Command {
  const command = new Command('probe')
    .description('watch one stream or file with the recommended detectors and report its defects')
    .argument('<url|path>', 'stream URL, media file or local playlist')
    .addOption(jsonOption('each incident and the summary, one a line,'))
    .option('--duration <duration>', 'stop a live stream after this long, such as 60s', duration)
    .option('--detectors <types>', 'run only these detectors, such as freeze,black', list)
    .addOption(modulesOption())
    .addOption(
      new Option('--custom <entry>', 'detector of a module, as in spec.detectors.custom; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(headerOption())
    .option('--reference <url|path>', 'compare with another reading of the same programme')
    .option('--rendition <choice>', 'highest, lowest, or a height such as 720', rendition, 'highest')
    .addOption(
      new Option('--heights <lines>', 'watch these renditions side by side, such as 1080,720,480')
        .argParser(heights)
        .conflicts('rendition'),
    )
    .option('--audio-track <number>', 'which of several audio tracks, from 1', audioTrack)
    .addOption(
      new Option('--audio-language <tag>', 'the audio track of a language, such as de')
        .argParser(audioLanguage)
        .conflicts('audioTrack'),
    )
    .option('--keys <file>', 'file with the key of encrypted segments, or one KEYID:KEY a line', contentKeys)
    .addOption(logLevelOption('error'))
    .action(async (target: string, options: ProbeOptions) => {
      process.exitCode = await probe(target, options);
      // Connections kept alive to the origin must not hold up the exit.
      setImmediate(() => process.exit());
    });
  return documented(command, {
    exitStatus: {
      0: 'no defect or only what is advisory',
      1: 'defects',
      2: 'could not watch, or an option is wrong',
    },
    examples: [
      'streammonitor probe recording.ts',
      'streammonitor probe --duration 60s https://origin.example/live/master.m3u8',
      'streammonitor probe --reference srt://contribution.example:9000 https://origin.example/live/master.m3u8',
      "streammonitor probe --modules examples --custom '{name: logo, module: logo-detector}' recording.ts",
      `streammonitor probe --json recording.ts | jq 'select(.type == "incident")'`,
    ],
    values: {
      detectors: () => Object.keys(detectorCatalogue),
      rendition: () => ['highest', 'lowest'],
    },
  });
}

/** One of the renditions that are watched side by side, or the only one. */
interface Choice {
  readonly rendition: IngressOptions['rendition'];
  /** Of several: `1080p`. */
  readonly name?: string;
}

async function probe(target: string, options: ProbeOptions): Promise<number> {
  const reportOf = (name?: string): ProbeReport =>
    options.json
      ? new JsonReport(process.stdout, name)
      : new TextReport(process.stdout, process.stderr, name);
  const report = reportOf();
  const logger = createLogger(options.logLevel);
  const open = opener(target, options, logger);
  if (typeof open === 'string') return couldNotWatch(report, `${open}`);
  // The smallest pictures do: they are reduced anyway. Headers are for the stream's origin alone.
  const asReference = { ...options, header: {} };
  const openReference =
    options.reference === undefined ? undefined : opener(options.reference, asReference, logger);
  if (typeof openReference === 'string') return couldNotWatch(report, `--reference: ${openReference}`);
  warmUpFfmpeg();
  const modules = new CustomModules({ directory: options.modules, logger });
  const detectors = await selectedDetectors(options, modules);
  if (typeof detectors === 'string') return couldNotWatch(report, detectors);

  const soundtrack = soundtrackWish(options);
  const pipeDirectory = mkdtempSync(join(tmpdir(), 'streammonitor-'));
  const choices: readonly Choice[] = options.heights?.map((height) => ({
    rendition: { height },
    name: `${height}p`,
  })) ?? [{ rendition: options.rendition }];
  const probes = choices.map(({ rendition, name }) => {
    const own = name === undefined ? report : reportOf(name);
    const watch = new ProbeWatch(own, (emit) =>
      createStreamWatcher(
        {
          identity: { namespace: 'default', monitor: 'probe', stream: name ?? 'probe' },
          detectors,
          wants: wantsOf(detectors, { preview: false, soundtrack }),
          open: (listener) => open(rendition, listener),
          persistent: false,
          pictures: false,
          clock: { origin: Date.now(), now: Date.now },
          newId: randomUUID,
          emit,
          pipeDirectory,
          logger,
        },
        openReference && comparesWithReference(detectors)
          ? { open: (listener) => openReference('lowest', listener), persistent: false }
          : undefined,
      ),
    );
    return { watch, report: own };
  });
  const stop = () => {
    for (const { watch } of probes) watch.stop();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Nobody reads on, as after `| head`: there is no one left to watch for.
  process.stdout.on('error', stop);
  const timer = options.duration === undefined ? undefined : setTimeout(stop, options.duration * 1000);
  try {
    const codes = await Promise.all(
      probes.map(({ watch, report: own }) =>
        watch.watch().catch((error: unknown) => {
          logger.fatal({ err: error }, 'watching failed');
          return couldNotWatch(own, 'a fault in the monitor itself, which the log tells');
        }),
      ),
    );
    return Math.max(...codes);
  } finally {
    clearTimeout(timer);
    rmSync(pipeDirectory, { recursive: true, force: true });
  }
}

function couldNotWatch(report: ProbeReport, message: string): number {
  report.failure(message);
  return exitCode.notWatched;
}

/** The recommended detectors, or those asked for; or what is wrong with the choice. */
async function selectedDetectors(
  { detectors: types, custom: entryTexts }: ProbeOptions,
  modules: CustomModules,
): Promise<readonly ActiveDetector[] | string> {
  let entries: readonly CustomDetector[];
  try {
    entries = customDetectors(entryTexts);
  } catch (error) {
    return `--custom: ${(error as Error).message}`;
  }
  await modules.use([...new Set(entries.map(({ module }) => module))]);
  const custom = modules.select(entries);
  if (!types) return [...(await selectDetectors(resolveDetectors())), ...custom];
  // Who names a detector wants it, also where it is off by default.
  const enabled = Object.fromEntries(Object.keys(detectorCatalogue).map((type) => [type, { enabled: true }]));
  const builtIn = await selectDetectors(resolveDetectors({ profile: 'recommended', ...enabled }));
  const all = [...builtIn, ...custom];
  const unknown = types.find((type) => !all.some(({ definition }) => definition.manifest.type === type));
  if (unknown === undefined) return all.filter(({ definition }) => types.includes(definition.manifest.type));
  const known = all.map(({ definition }) => definition.manifest.type).join(', ');
  return `--detectors: "${unknown}" is not a detector; there are ${known}`;
}

/** @throws Error naming the wrong field, or what is no YAML */
function customDetectors(entries: readonly string[]): CustomDetector[] {
  const schema = z.strictObject({ custom: customDetectorsSchema(Object.keys(detectorCatalogue)) });
  const { custom } = validate(schema, { custom: entries.map((entry) => parseYaml(entry) as unknown) });
  return enabledCustomDetectors(custom);
}
