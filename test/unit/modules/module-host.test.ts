import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { ModuleFolder } from '../../../monitor/modules/module-folder.ts';
import { type HostedInstance, ModuleHost } from '../../../monitor/modules/module-host.ts';
import { moduleText, writeModule } from '../../modules/faulty-modules.ts';

const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What a user of a module is told, in order. */
class User implements HostedInstance {
  readonly told: unknown[] = [];

  threadStarted() {
    this.told.push('started');
  }

  threadEnded(...end: Parameters<HostedInstance['threadEnded']>) {
    this.told.push(end);
  }

  answered() {}
}

it('tells a user that joins while its thread is stopped why, and until when', async () => {
  const step = "queueMicrotask(() => { throw new Error('too late'); }); return [];";
  writeModule(
    directory,
    'late',
    moduleText({ step }).replace("if (observation.type !== 'frame')", 'if (false)'),
  );
  const host = new ModuleHost('late', new ModuleFolder(directory, 'late'), pino({ level: 'silent' }));
  onTestFinished(() => host.close());
  host.start();
  await host.loaded;
  const [first, second] = [new User(), new User()];
  host.attach(first);
  const instance = host.open(first);
  host.post({ type: 'create', instance, parameters: {}, minDuration: 0 });
  host.post({ type: 'step', instance, observation: { type: 'end', time: 1 } });
  const end = ['threw', 'it threw outside of a step: too late', 1];
  await expect.poll(() => first.told, { interval: 5 }).toEqual(['started', end]);
  host.attach(second);
  expect(second.told).toEqual([end]);
});
