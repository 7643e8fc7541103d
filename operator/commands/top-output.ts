import { setTimeout as sleep } from 'node:timers/promises';
import { painted } from '../../cli/terminal.ts';
import type { TopStream } from '../top/top-stream.ts';
import { summaryText, topTable } from '../top/top-table.ts';

type Read = () => Promise<readonly TopStream[]>;

/** Enters and leaves the terminal's other screen, with the cursor hidden there. */
const otherScreen = { enter: '\x1b[?1049h\x1b[?25l', leave: '\x1b[?25h\x1b[?1049l' };
const fromTheTop = '\x1b[H';
const toEndOfLine = '\x1b[K';
const toEndOfScreen = '\x1b[J';
/** Lines beside those of streams: summary, blank line, head, what is left out. */
const otherLines = 4;

/** Prints it once. @throws Error when nothing can be read */
export async function snapshot(read: Read, json: boolean): Promise<void> {
  const streams = await read();
  const time = new Date().toISOString();
  const text = json
    ? JSON.stringify({ time, streams }, null, 2)
    : [summaryText(streams), '', ...topTable(streams)].join('\n');
  process.stdout.write(`${text}\n`);
}

/**
 * Shows it on the terminal again and again, until `q` or a signal. What cannot be read for a while is said above what
 * was read last.
 * @throws Error when nothing could be read at the start
 */
export async function liveTable(read: Read, seconds: number): Promise<void> {
  let streams = await read();
  const { stdin, stdout } = process;
  const end = new AbortController();
  const stop = () => end.abort();
  const onKey = (key: Buffer) => {
    if (['q', '\x03', '\x1b'].includes(key.toString())) stop();
  };
  const redraw = () => draw(streams, problem);
  let problem: string | undefined;
  process.once('SIGINT', stop).once('SIGTERM', stop);
  stdout.on('resize', redraw).write(otherScreen.enter);
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey).resume();
  try {
    while (!end.signal.aborted) {
      redraw();
      await sleep(seconds * 1000, undefined, { signal: end.signal });
      try {
        streams = await read();
        problem = undefined;
      } catch (error) {
        problem = (error as Error).message;
      }
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    if (stdin.isTTY) stdin.off('data', onKey).setRawMode(false).pause();
    stdout.off('resize', redraw).write(otherScreen.leave);
  }
}

function draw(streams: readonly TopStream[], problem: string | undefined): void {
  // A terminal that does not say how large it is says 0.
  const rows = process.stdout.rows || 24;
  const columns = process.stdout.columns || 80;
  const room = Math.max(1, rows - otherLines);
  const left = streams.length - room;
  const [head = '', ...lines] = topTable(streams.slice(0, room), columns);
  const said = problem === undefined ? summaryText(streams) : painted('red', problem);
  const screen = [
    `${new Date().toTimeString().slice(0, 8)}  ${said}`,
    '',
    painted('bold', head),
    ...lines,
    ...(left > 0 ? [painted('dim', `… and ${left} more: use a larger terminal, or choose with --only`)] : []),
  ].map((line) => line + toEndOfLine);
  process.stdout.write(`${fromTheTop}${screen.join('\n')}${toEndOfScreen}`);
}
