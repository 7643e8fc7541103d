import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Assignment, shardApiVersion } from '../../../crds/assignment.ts';
import { AssignmentFile } from '../../../monitor/shard/assignment-file.ts';

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function document(generation: number): string {
  const head = { apiVersion: shardApiVersion, kind: 'Assignment', shard: 'shard-0' };
  return JSON.stringify({ ...head, generation, monitors: {}, streams: [] });
}

function following(path: string, apply: (assignment: Assignment) => Promise<void> = async () => {}) {
  const applied: number[] = [];
  const file = new AssignmentFile(
    path,
    async (assignment) => {
      applied.push(assignment.generation);
      await apply(assignment);
    },
    pino({ level: 'silent' }),
  );
  onTestFinished(() => file.close());
  return { file, applied };
}

const soon = { timeout: 2000, interval: 10 };

describe('AssignmentFile', () => {
  it('waits for a file that is not there yet', async () => {
    const path = join(folder(), 'assignment.json');
    const { file, applied } = following(path);
    await file.follow();
    expect(file.error).toContain('ENOENT');
    writeFileSync(path, document(1));
    await vi.waitFor(() => expect(applied).toEqual([1]), soon);
    expect(file.error).toBeUndefined();
  });

  it('follows a mounted ConfigMap, whose directory is swapped through a symbolic link', async () => {
    const mount = folder();
    for (const version of [1, 2]) {
      mkdirSync(join(mount, `..v${version}`));
      writeFileSync(join(mount, `..v${version}`, 'assignment.json'), document(version));
    }
    symlinkSync('..v1', join(mount, '..data'));
    symlinkSync('..data/assignment.json', join(mount, 'assignment.json'));
    const { file, applied } = following(join(mount, 'assignment.json'));
    await file.follow();
    symlinkSync('..v2', join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    await vi.waitFor(() => expect(applied).toEqual([1, 2]), soon);
  });

  it('refuses a wrong document, says so, and takes that back with the one that runs', async () => {
    const path = join(folder(), 'assignment.json');
    writeFileSync(path, document(3));
    const { file, applied } = following(path);
    await file.follow();
    for (const [wrong, reason] of [
      ['{"url": "https://user:secret@origin"', 'the document is not JSON'],
      [document(2), 'generation 2 is older than 3'],
      [document(4).replace('shard-0', '').replace('"shard":', '"shart":'), 'shart'],
    ] as const) {
      writeFileSync(path, wrong);
      await vi.waitFor(() => expect(file.error).toContain(reason), soon);
      expect(file.error).not.toContain('secret');
    }
    writeFileSync(path, document(3));
    await vi.waitFor(() => expect(file.error).toBeUndefined(), soon);
    expect(applied).toEqual([3]);
  });

  it('applies one document after the other, also one that changes during the first', async () => {
    const path = join(folder(), 'assignment.json');
    writeFileSync(path, document(1));
    let running = 0;
    const { file, applied } = following(path, async () => {
      expect(++running).toBe(1);
      await sleep(200);
      running--;
    });
    const following1 = file.follow();
    await vi.waitFor(() => expect(running).toBe(1), soon);
    writeFileSync(path, document(2));
    await following1;
    await vi.waitFor(() => expect(applied).toEqual([1, 2]), soon);
    await vi.waitFor(() => expect(running).toBe(0), soon);
    expect(file.error).toBeUndefined();
  });

  it('goes on saying what an assignment left undone', async () => {
    const path = join(folder(), 'assignment.json');
    writeFileSync(path, document(1));
    const { file } = following(path, async () => {
      throw new Error('streams that cannot be watched: live/sports/one');
    });
    await file.follow();
    expect(file.error).toContain('live/sports/one');
    writeFileSync(path, document(1));
    await sleep(150);
    expect(file.error).toContain('live/sports/one');
  });

  it('looks at the document now and then where its directory cannot be watched', async () => {
    const { file } = following(join(folder(), 'missing', 'assignment.json'));
    await file.follow();
    expect(file.error).toContain('ENOENT');
  });
});
