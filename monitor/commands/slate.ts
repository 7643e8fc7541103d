import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { documented } from '../../cli/documented-command.ts';
import { duration, headerOption, jsonOption } from '../../cli/options.ts';
import { complain } from '../../cli/terminal.ts';
import { warmUpFfmpeg } from '../converter/ffmpeg.ts';
import { hashOfPicture, hashText, leastQuality } from '../expectations/slates/picture-hash.ts';
import type { IngressOptions } from '../ingress/ingress.ts';
import { pictureAt } from '../watch/one-picture.ts';
import { createLogger } from './logger.ts';
import { contentKeys, rendition } from './probe-options.ts';
import { opener, type SourceOptions } from './source-opener.ts';

interface SlateOptions extends SourceOptions {
  readonly at: number;
  readonly rendition: IngressOptions['rendition'];
  readonly json?: true;
}

/** Exit codes of `slate`. */
const exitCode = { told: 0, plain: 1, notRead: 2 } as const;
/** A source may take so long beyond the moment that is asked for, in seconds. */
const patience = 30;

export function slateCommand(): Command {
  const command = new Command('slate')
    .description('print the hash of a picture, by which expect.slates knows it again')
    .argument('<url|path>', 'picture, media file, local playlist or stream URL')
    .addOption(
      new Option('--at <duration>', 'how long after the first picture, such as 12.5s')
        .argParser(duration)
        .default(0, '0s'),
    )
    .addOption(jsonOption('the hash and how good it is'))
    .addOption(headerOption())
    .option('--rendition <choice>', 'highest, lowest, or a height such as 720', rendition, 'highest')
    .option('--keys <file>', 'file with the key of encrypted segments, or one KEYID:KEY a line', contentKeys)
    .action(async (target: string, options: SlateOptions) => {
      process.exitCode = await slate(target, options);
      // Connections kept alive to the origin must not hold up the exit.
      setImmediate(() => process.exit());
    });
  return documented(command, {
    exitStatus: {
      0: 'the hash is printed',
      1: 'the picture is too plain to be known again',
      2: 'it could not be read, or an option is wrong',
    },
    examples: [
      'streammonitor slate back-soon.png',
      'streammonitor slate --at 12.5s recording.ts',
      'streammonitor slate https://origin.example/live/master.m3u8',
    ],
    values: { rendition: () => ['highest', 'lowest'] },
  });
}

async function slate(target: string, options: SlateOptions): Promise<number> {
  const open = opener(target, options, createLogger('error'));
  if (typeof open === 'string') return complain(open, exitCode.notRead);
  warmUpFfmpeg();
  const pipeDirectory = mkdtempSync(join(tmpdir(), 'streammonitor-'));
  try {
    const source = await open(options.rendition, { onEvidence: () => {} });
    const signal = AbortSignal.timeout(Math.ceil((options.at + patience) * 1000));
    const picture = await pictureAt(source, options.at, pipeDirectory, signal);
    source.close();
    const hash = hashOfPicture(picture);
    if (hash.quality < leastQuality) {
      const why =
        'a picture of one colour, or nearly so, looks like any other: write a schedule or a longer minDuration';
      return complain(`the picture is too plain to be known again; ${why}`, exitCode.plain);
    }
    const { quality } = hash;
    const text = options.json ? JSON.stringify({ hash: hashText(hash), quality }) : hashText(hash);
    process.stdout.write(`${text}\n`);
    return exitCode.told;
  } catch (error) {
    return complain((error as Error).message, exitCode.notRead);
  } finally {
    rmSync(pipeDirectory, { recursive: true, force: true });
  }
}
