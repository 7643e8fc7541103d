import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { clusterBinaries } from '../integration/cluster/binaries.ts';
import { command } from './command.ts';

const root = new URL('../../', import.meta.url);
const helmPath = fileURLToPath(new URL('../setup/helm.sh', import.meta.url));

/**
 * The image that the documents install, at the chart's version: the one that was built is given this name on the nodes,
 * as one that is pulled from there would have.
 */
export async function releasedImage(): Promise<string> {
  const { appVersion } = parse(await readFile(new URL('charts/stream-monitor/Chart.yaml', root), 'utf8'));
  const [, repository] = /image\.repository=(\S+)/.exec(await readFile(new URL('README.md', root), 'utf8'))!;
  return `${repository}:${appVersion}`;
}

/** The part of a page below a heading of the second level. */
export async function sectionOf(page: string, heading: string): Promise<string> {
  const [, section] = (await readFile(new URL(page, root), 'utf8')).split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`${page} has no part that is called ${heading}`);
  return section.split('\n## ')[0]!;
}

/** The commands that a part of a page shows, indented as code. */
export function commandsIn(section: string): string[] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('    '))
    .map((line) => line.trim());
}

/**
 * Runs a command as it is printed, in a shell that knows kubectl, helm and the cluster.
 * @param folder in which it is run
 * @returns what it printed
 * @throws Error with what it wrote to stderr when it fails
 */
export function paste(line: string, folder: string, kubeconfig: string): Promise<string> {
  const helm = execFileSync(helmPath, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const programs = [dirname(helm), dirname(clusterBinaries().kubectl)].join(':');
  const environment = [`PATH=${programs}:${process.env.PATH}`, `KUBECONFIG=${kubeconfig}`];
  return command(['env', '--chdir', folder, ...environment, 'bash', '-c', line]);
}
