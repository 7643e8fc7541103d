import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from './command.ts';

const root = join(import.meta.dirname, '../..');
const chart = 'charts/stream-monitor';

/** An earlier chart, unpacked. */
export interface PreviousChart {
  readonly path: string;
  /** Tag or commit that it is of. */
  readonly revision: string;
}

/**
 * The chart that users upgrade from: that of the last tag; before there is one, the chart as it was first.
 * @param directory where it is unpacked
 * @throws Error when the history is not there, as in a shallow clone
 */
export async function previousChart(directory: string): Promise<PreviousChart> {
  const revision = (await lastTag()) ?? (await firstCommit());
  await mkdir(directory, { recursive: true });
  const archive = join(directory, 'chart.tar');
  await command(['git', '-C', root, 'archive', '--output', archive, revision, chart]);
  await command(['tar', '-C', directory, '-xf', archive]);
  return { path: join(directory, chart), revision };
}

/** The last tag before the present commit whose tree holds the chart. */
async function lastTag(): Promise<string | undefined> {
  const tags = await command(['git', '-C', root, 'tag', '--merged', 'HEAD', '--sort=-version:refname', 'v*']);
  for (const tag of tags.split('\n').filter(Boolean)) {
    const file = ['git', '-C', root, 'ls-tree', '--name-only', tag, `${chart}/Chart.yaml`];
    if ((await command(file)).trim() !== '') return tag;
  }
  return undefined;
}

async function firstCommit(): Promise<string> {
  const added = ['log', '--diff-filter=A', '--reverse', '--format=%h', '--', `${chart}/Chart.yaml`];
  const [first] = (await command(['git', '-C', root, ...added])).split('\n');
  if (!first)
    throw new Error(`the history holds no earlier ${chart}: fetch all of it (git fetch --unshallow)`);
  return first;
}
