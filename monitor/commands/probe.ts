import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Logger } from 'pino';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import {
  type CustomDetector,
  customDetectorsSchema,
  enabledCustomDetectors,
} from '../../crds/custom-detectors.ts';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { durationSeconds } from '../../crds/duration.ts';
import { localRanges } from '../../crds/local-ranges.ts';
import type { StreamState } from '../../crds/stream-state.ts';
import { StreamUrl } from '../../crds/stream-url.ts';
import { validate } from '../../crds/validation-error.ts';
import { warmUpFfmpeg } from '../converter/ffmpeg.ts';
import type { IngressOptions } from '../ingress/ingress.ts';
import { ContentKeys } from '../ingress/segmented/content-keys.ts';
import { CustomModules } from '../modules/custom-modules.ts';
import {
  type ActiveDetector,
  comparesWithReference,
  selectDetectors,
  wantsOf,
} from '../watch/detector-selection.ts';
import { createStreamWatcher } from '../watch/reference-watcher.ts';
import { openFile, openStream, type SessionSource } from '../watch/session-source.ts';
import type { WatchEvent } from '../watch/watch-event.ts';
import { createLogger } from './logger.ts';
import { JsonReport, type ProbeReport, TextReport } from './probe-report.ts';

interface ProbeOptions {
  readonly json?: true;
  readonly duration?: number;
  readonly detectors?: string[];
  readonly modules?: string;
  readonly custom: readonly string[];
  readonly header: Record<string, string>;
  readonly reference?: string;
  readonly rendition: IngressOptions['rendition'];
  readonly audioTrack?: number;
  readonly keys?: ContentKeys;
  readonly logLevel: string;
}

/** Exit codes of `probe`. */
const exitCode = { clean: 0, defects: 1, notWatched: 2 } as const;

export function probeCommand(): Command {
  return new Command('probe')
    .description('watch one stream or file with the recommended detectors and report its defects')
    .argument('<url|path>', 'stream URL, media file or local playlist')
    .option('--json', 'write JSON lines to standard output')
    .option('--duration <duration>', 'stop a live stream after this long, such as 60s', duration)
    .option('--detectors <types>', 'run only these detectors, such as freeze,black', list)
    .option('--modules <directory>', 'modules of detectors: DIRECTORY/{module}/detector.mjs')
    .option('--custom <entry>', 'detector of a module, as in spec.detectors.custom; repeatable', collect, [])
    .option('--header <name:value>', 'HTTP header for the origin; repeatable', header, {})
    .option('--reference <url|path>', 'compare with another reading of the same programme')
    .option('--rendition <choice>', 'highest, lowest, or a height such as 720', rendition, 'highest')
    .option('--audio-track <number>', 'which of several audio tracks, from 1', audioTrack)
    .option('--keys <file>', 'file with the key of encrypted segments, or one KEYID:KEY a line', contentKeys)
    .option('--log-level <level>', 'fatal, error, warn, info or debug', 'error')
    .addHelpText(
      'after',
      `
Exit status: 0 no defect or only what is advisory, 1 defects, 2 could not watch.

Examples:
  streammonitor probe recording.ts
  streammonitor probe --duration 60s https://origin.example/live/master.m3u8
  streammonitor probe --reference srt://contribution:9000 https://origin.example/live/master.m3u8
  streammonitor probe --modules examples --custom '{name: logo, module: logo-detector}' recording.ts
  streammonitor probe --json recording.ts | jq 'select(.type == "incident")'`,
    )
    .action(async (target: string, options: ProbeOptions) => {
      process.exitCode = await probe(target, options);
      // Connections kept alive to the origin must not hold up the exit.
      setImmediate(() => process.exit());
    });
}

async function probe(target: string, options: ProbeOptions): Promise<number> {
  const report = options.json
    ? new JsonReport(process.stdout)
    : new TextReport(process.stdout, process.stderr);
  const logger = createLogger(options.logLevel);
  const open = opener(target, options, logger);
  if (typeof open === 'string') return couldNotWatch(report, `${open}`);
  // The smallest pictures do: they are reduced anyway. Headers are for the stream's origin alone.
  const asReference = { ...options, header: {}, rendition: 'lowest' as const };
  const openReference =
    options.reference === undefined ? undefined : opener(options.reference, asReference, logger);
  if (typeof openReference === 'string') return couldNotWatch(report, `--reference: ${openReference}`);
  warmUpFfmpeg();
  const modules = new CustomModules({ directory: options.modules, logger });
  const detectors = await selectedDetectors(options, modules);
  if (typeof detectors === 'string') return couldNotWatch(report, detectors);

  const socketDirectory = mkdtempSync(join(tmpdir(), 'streammonitor-'));
  let state: StreamState | undefined;
  let watched = false;
  const emit = (event: WatchEvent) => {
    if (event.type === 'state') state = event.state;
    if (event.type === 'first-frame') watched = true;
    report.event(event);
  };
  const watcher = createStreamWatcher(
    {
      identity: { namespace: 'default', monitor: 'probe', stream: 'probe' },
      detectors,
      wants: wantsOf(detectors, { preview: false, audioTrack: options.audioTrack }),
      open,
      persistent: false,
      pictures: false,
      clock: { origin: Date.now(), now: Date.now },
      newId: randomUUID,
      emit,
      socketDirectory,
      logger,
    },
    openReference && comparesWithReference(detectors)
      ? { open: openReference, persistent: false }
      : undefined,
  );
  const stop = () => watcher.stop();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Nobody reads on, as after `| head`: there is no one left to watch for.
  process.stdout.on('error', stop);
  const timer = options.duration === undefined ? undefined : setTimeout(stop, options.duration * 1000);
  try {
    await watcher.watch();
  } catch (error) {
    logger.fatal({ err: error }, 'watching failed');
    return couldNotWatch(report, 'a fault in the monitor itself, which the log tells');
  } finally {
    clearTimeout(timer);
    rmSync(socketDirectory, { recursive: true, force: true });
  }
  report.summary(watched && state?.phase !== 'Down' ? undefined : state);
  if (!watched) return exitCode.notWatched;
  if (report.defectCount > 0) return exitCode.defects;
  // What was not watched to its end was not found to be clean.
  return state?.phase === 'Down' ? exitCode.notWatched : exitCode.clean;
}

function couldNotWatch(report: ProbeReport, message: string): number {
  report.failure(message);
  return exitCode.notWatched;
}

/** How to open the target, or what is wrong with it. */
function opener(
  target: string,
  options: ProbeOptions,
  logger: Logger,
): ((onEvidence: IngressOptions['onEvidence']) => Promise<SessionSource>) | string {
  const ingress = (onEvidence: IngressOptions['onEvidence']): IngressOptions => ({
    rendition: options.rendition,
    ...(options.audioTrack !== undefined && { audioTrack: options.audioTrack }),
    ...(options.keys && { keys: options.keys }),
    headers: options.header,
    allowedRanges: localRanges,
    onEvidence,
    onRemark: (message) => logger.info(message),
  });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    try {
      const url = new StreamUrl(target);
      return (onEvidence) => openStream(url, ingress(onEvidence));
    } catch (error) {
      return `the URL ${(error as Error).message}`;
    }
  }
  if (!existsSync(target)) return `there is no file ${target}`;
  return (onEvidence) => openFile(target, ingress(onEvidence));
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

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function duration(text: string): number {
  try {
    return durationSeconds(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function list(text: string): string[] {
  return text.split(',').map((type) => type.trim());
}

function header(text: string, previous: Record<string, string>): Record<string, string> {
  const colon = text.indexOf(':');
  if (colon < 1) throw new InvalidArgumentError('write it like "Authorization: Bearer …"');
  return { ...previous, [text.slice(0, colon).trim()]: text.slice(colon + 1).trim() };
}

function rendition(text: string): IngressOptions['rendition'] {
  if (text === 'highest' || text === 'lowest') return text;
  if (/^[1-9]\d*$/.test(text)) return { maxHeight: Number(text) };
  throw new InvalidArgumentError('write highest, lowest, or a height such as 720');
}

/** From a file, since an argument list is for all to see. */
function contentKeys(file: string): ContentKeys {
  try {
    return ContentKeys.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InvalidArgumentError(code === undefined ? message : `the file cannot be read: ${code}`);
  }
}

function audioTrack(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write the number of an audio track, from 1');
}
