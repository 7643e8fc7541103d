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
