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
 * @param repository folder of the working tree
 * @throws Error when the history is not there: a shallow clone takes its last commit for the first
 */
export async function previousChart(directory: string, repository = root): Promise<PreviousChart> {
  const git: Git = async (...args) => (await command(['git', '-C', repository, ...args])).trim();
  if ((await git('rev-parse', '--is-shallow-repository')) === 'true') {
    throw new Error(
      `a shallow clone does not hold the earlier ${chart}: fetch it (git fetch --unshallow --tags)`,
    );
  }
  const revision = (await lastTag(git)) ?? (await firstCommit(git));
  await mkdir(directory, { recursive: true });
  const archive = join(directory, 'chart.tar');
  await git('archive', '--output', archive, revision, chart);
  await command(['tar', '-C', directory, '-xf', archive]);
  return { path: join(directory, chart), revision };
}

type Git = (...args: string[]) => Promise<string>;

/** The last tag before the present commit whose tree holds the chart. */
async function lastTag(git: Git): Promise<string | undefined> {
  const before = ['--merged', 'HEAD', '--no-contains', 'HEAD'];
  const tags = await git('tag', ...before, '--sort=-version:refname', '--list', 'v*');
  for (const tag of tags.split('\n').filter(Boolean)) {
    if ((await git('ls-tree', '--name-only', tag, `${chart}/Chart.yaml`)) !== '') return tag;
  }
  return undefined;
}

async function firstCommit(git: Git): Promise<string> {
  const added = ['--diff-filter=A', '--reverse', '--format=%h', '--', `${chart}/Chart.yaml`];
  const [first] = (await git('log', ...added)).split('\n');
  if (!first) throw new Error(`the history holds no ${chart}`);
  return first;
}
