import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { resultColumns } from '../../crds/result-record.ts';

/** Rows of a query over the results below a directory, as a user would ask DuckDB; `results` is the table. */
export async function queryResults(directory: string, query: string): Promise<Record<string, unknown>[]> {
  const columns = Object.entries(resultColumns).map(([name, type]) => `"${name}": '${type}'`);
  const files = join(directory, 'detector=*', 'date=*', 'hour=*', '*.jsonl.gz');
  const source = `read_json('${files}', format = 'newline_delimited', hive_partitioning = true, columns = {${columns.join(', ')}})`;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(`WITH results AS (SELECT * FROM ${source}) ${query}`);
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows of each query of docs/results.md over the results below a directory. */
export async function documentedQueries(directory: string): Promise<Record<string, unknown>[][]> {
  const page = await readFile(new URL('../../docs/results.md', import.meta.url), 'utf8');
  const [duckdb] = page.split('## Athena') as [string];
  const [views, ...queries] = [...duckdb.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql!);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(views!.replace('s3://results/live', directory));
    const readers = [];
    for (const query of queries) readers.push(await connection.runAndReadAll(query));
    return readers.map((reader) => reader.getRowObjectsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
