import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { resultColumns } from '../../crds/result-record.ts';

/** Rows of a query over the results below a directory, as a user would ask DuckDB; `results` is the table. */
export async function queryResults(directory: string, query: string): Promise<Record<string, unknown>[]> {
  const columns = Object.entries(resultColumns).map(([name, type]) => `"${name}": '${type}'`);
  const files = join(directory, 'detector=*', 'date=*', 'hour=*', '*.jsonl.gz');
  const source = `read_json('${files}', format = 'newline_delimited', hive_partitioning = true, columns = {${columns.join(', ')}})`;
  const [rows] = await rowsOf([], [`WITH results AS (SELECT * FROM ${source}) ${query}`]);
  return rows!;
}

/** Rows of each query that docs/results.md has for DuckDB, over the results below a directory. */
export async function documentedQueries(directory: string): Promise<Record<string, unknown>[][]> {
  const [duckdb] = await documentedStatements();
  const [views, ...queries] = duckdb;
  return rowsOf([views!.replace('s3://results/live', directory)], queries);
}

/**
 * Rows of the query that docs/results.md has for Athena, over the results below a directory. Athena itself is AWS's:
 * DuckDB reads the same SQL where its table is a view of the declared columns and Trino's functions have their names.
 */
export async function documentedAthenaQuery(directory: string): Promise<Record<string, unknown>[]> {
  const [, [table, query]] = await documentedStatements();
  const declared = table!.slice(0, table!.indexOf('PARTITIONED BY'));
  const columns = [...declared.matchAll(/`(\w+)` (\w+)/g)].map(([, name, type]) => {
    const types: Readonly<Record<string, string>> = { string: 'VARCHAR', int: 'INTEGER', double: 'DOUBLE' };
    return `"${name}": '${types[type!] ?? 'JSON'}'`;
  });
  const files = join(directory, 'detector=*', 'date=*', 'hour=*', '*.jsonl.gz');
  const [rows] = await rowsOf(
    [
      `CREATE VIEW streammonitor_results AS SELECT * FROM read_json('${files}', format = 'newline_delimited',
         hive_partitioning = true, hive_types_autocast = false, columns = {${columns.join(', ')}})`,
      'CREATE MACRO from_iso8601_timestamp(text) AS text::TIMESTAMPTZ',
      'CREATE MACRO date_format(day, format) AS strftime(day, format)',
    ],
    [query!],
  );
  return rows!;
}

/** The SQL statements of docs/results.md: those for DuckDB, those for Athena. */
async function documentedStatements(): Promise<[string[], string[]]> {
  const page = await readFile(new URL('../../docs/results.md', import.meta.url), 'utf8');
  const statements = page
    .split('## Athena')
    .map((part) => [...part.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql!));
  return [statements[0]!, statements[1]!];
}

/** Rows of each query, after the definitions that it rests on. */
async function rowsOf(
  definitions: readonly string[],
  queries: readonly string[],
): Promise<Record<string, unknown>[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const definition of definitions) await connection.run(definition);
    const readers = [];
    for (const query of queries) readers.push(await connection.runAndReadAll(query));
    return readers.map((reader) => reader.getRowObjectsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
