import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type IncidentRecord, type ResultRecord, resultRecordSchema } from '../../../crds/result-record.ts';
import type { Check, Finding } from '../check.ts';
import type { Round } from '../round.ts';
import { incidentsOf, type ToldIncident } from './incidents.ts';

/** Every record of every object in a bucket. */
export async function recordsIn(bucketDirectory: string): Promise<ResultRecord[]> {
  const names = await readdir(bucketDirectory, { recursive: true });
  const objects = names.filter((name) => name.endsWith('.jsonl.gz'));
  const texts = await Promise.all(
    objects.map(async (name) => gunzipSync(await readFile(join(bucketDirectory, name))).toString()),
  );
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  return lines.map((line) => {
    const record = JSON.parse(line) as object;
    // Where an object lies says which detector it is of.
    return resultRecordSchema.parse(record);
  });
}

/** What is wrong with the records of a run. */
export function judgeRecords(
  records: readonly ResultRecord[],
  incidents: ReadonlyMap<string, ToldIncident>,
  rounds: readonly Pick<Round, 'number' | 'begunAt' | 'fault'>[],
): Finding[] {
  const counts = new Map<string, number>();
  for (const { recordId, revision } of records) {
    const key = `${recordId} revision ${revision}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const doubled = [...counts].filter(([, count]) => count > 1);
  // What is advisory, or was to be expected, is recorded and told to nobody.
  const loud = records.filter(
    (record) => record.type === 'incident' && record.severity !== 'info' && record.suppressed === undefined,
  ) as IncidentRecord[];
  const ends = new Set(
    records.flatMap((record) =>
      record.type === 'incident' && record.state === 'closed' ? [record.recordId] : [],
    ),
  );
  const lost = [...incidents].filter(([id]) => !ends.has(id));
  const untold = new Map(loud.map((record) => [record.recordId, record]));
  for (const id of incidents.keys()) untold.delete(id);
  return [
    ...doubled.map(([key, count]) => ({
      expected: 'each record once in S3',
      found: `${key}: ${count} times`,
    })),
    ...lost.map(([id, { last }]) => {
      const round = rounds.findLast(({ begunAt }) => begunAt <= Date.parse(last.openedAt));
      // What a node had not sent yet is gone with it: also of the round that had just ended, and of none before.
      const number = round?.number ?? 0;
      const allowed = rounds.some(
        (each) => each.fault.mayLose !== undefined && each.number >= number && each.number <= number + 1,
      );
      return {
        ...{
          expected: 'the end of every incident that was told is in S3',
          found: `none of ${id} (${last.stream})`,
        },
        ...(round && { round: round.number }),
        ...(allowed && { allowed }),
      };
    }),
    ...[...untold].map(([id, { stream, detector, startTime }]) => ({
      expected: 'every incident in S3 was told',
      found: `${detector} of ${stream} from ${startTime}, ${id}, was not`,
    })),
  ];
}

export default {
  name: 'results',
  afterAll: async ({ s3, there }, { rounds }) => {
    const records = await recordsIn(s3.bucketDirectory);
    if (records.length === 0) return [{ expected: 'records in S3', found: 'none' }];
    return judgeRecords(records, incidentsOf(there.told), rounds);
  },
} satisfies Check;
