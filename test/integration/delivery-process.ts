// Notifies and records the incidents that it is told to, as a monitor would: a process for tests to kill.
// Arguments: state directory, secrets directory, assignment (JSON), how many incidents.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { parseAssignment } from '../../crds/assignment.ts';
import { Notifier } from '../../monitor/notifications/notifier.ts';
import { ResultWriter } from '../../monitor/results/result-writer.ts';
import { MountedSecrets } from '../../monitor/secrets/mounted-secrets.ts';
import { Spool } from '../../monitor/spool/spool.ts';
import { closed, identity, opened } from '../unit/notifications/incidents.ts';

const [stateDirectory, secretsDirectory, document, count] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const assignment = parseAssignment(JSON.parse(document));
const logger = pino({ level: 'silent' });
const secrets = new MountedSecrets(secretsDirectory);
const spool = new Spool({ directory: join(stateDirectory, 'spool'), maximumBytes: 100_000_000, logger });
const onOutcome = () => {};
const retry = { initialSeconds: 0.1, maximumSeconds: 0.2 };
const notifier = new Notifier({ spool, secrets, logger, onOutcome, retry });
const results = new ResultWriter({
  spool,
  stateDirectory,
  secrets,
  logger,
  bootId: randomUUID(),
  onOutcome,
  retry,
});
notifier.configure(assignment.monitors, assignment.region);
results.configure(assignment);

for (let index = 0; index < Number(count); index++) {
  const id = randomUUID();
  for (const event of [opened({ id }), closed({ id })]) {
    notifier.handle(identity, event);
    results.handle(identity, event);
  }
  // Only now may anybody rely on it.
  process.stdout.write(`${id}\n`);
  await sleep(2);
}
await notifier.drain(60);
await results.drain(60);
process.stdout.write('drained\n');
await notifier.close();
await results.close();
