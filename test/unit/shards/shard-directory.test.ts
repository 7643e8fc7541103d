import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Assignment, shardApiVersion } from '../../../crds/assignment.ts';
import { ShardDirectory, shardsBelow } from '../../../operator/shards/shard-directory.ts';
import { restartDelay } from '../../../operator/shards/shard-process.ts';

const assignment: Assignment = {
  apiVersion: shardApiVersion,
  kind: 'Assignment',
  shard: 'shard-0',
  generation: 3,
  monitors: {},
  streams: [],
};

describe('ShardDirectory', () => {
  let root: string;
  let directory: ShardDirectory;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'shards-'));
    directory = new ShardDirectory(join(root, 'shard-0'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('keeps an assignment, alone in its folder', async () => {
    expect(await directory.readAssignment()).toBeUndefined();
    await directory.writeAssignment({ ...assignment, generation: 2 });
    await directory.writeAssignment(assignment);
    expect(await directory.readAssignment()).toEqual(assignment);
    expect(await readdir(join(root, 'shard-0', 'assignment'))).toEqual(['assignment.json']);
    expect(await shardsBelow(root)).toEqual(['shard-0']);
    expect(await shardsBelow(join(root, 'none'))).toEqual([]);
  });

  it('takes a damaged assignment for none', async () => {
    await directory.writeAssignment(assignment);
    await writeFile(directory.assignmentPath, '{"apiVersion"');
    expect(await directory.readAssignment()).toBeUndefined();
  });

  it('ends the process that an earlier supervisor left, and no other that has its id', async () => {
    await directory.writeAssignment(assignment);
    const leftover = spawn('sh', ['-c', 'sleep 60; :', directory.assignmentPath]);
    const stranger = spawn('sleep', ['60']);
    await Promise.all([once(leftover, 'spawn'), once(stranger, 'spawn')]);
    await directory.writeProcessId(stranger.pid!);
    await directory.endLeftover(0);
    await directory.writeProcessId(leftover.pid!);
    const ended = once(leftover, 'exit');
    await directory.endLeftover(0);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill();
  });
});

describe('restartDelay', () => {
  it('doubles from half a second to half a minute', () => {
    expect([0, 1, 2, 6, 50].map(restartDelay)).toEqual([500, 1000, 2000, 30_000, 30_000]);
  });
});
