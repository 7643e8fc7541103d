import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startS3Server } from '../integration/s3-server.ts';

/** Where the demo's results go: a real S3 server, or a folder where none can be started. */
export interface DemoStore {
  readonly description: string;
  /** Part of the StreamMonitor's spec. */
  readonly results: object;
  readonly runArguments: readonly string[];
  writeCredentials(secrets: string): void;
  /** Result objects stored so far. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

export async function startDemoStore(folder: string): Promise<DemoStore> {
  try {
    return await s3Store();
  } catch (error) {
    console.log(`no S3 server could be started (${(error as Error).message}): results go to a folder`);
    mkdirSync(folder);
    return {
      description: folder,
      results: {},
      runArguments: ['--results', folder],
      writeCredentials: () => {},
      count: async () => objectsBelow(folder),
      stop: async () => {},
    };
  }
}

async function s3Store(): Promise<DemoStore> {
  const server = await startS3Server();
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = server;
  const credentialsFrom = { secretKeyRef: { name: 's3', key: 'credentials' } };
  return {
    description: `${endpoint}/${bucket} (S3)`,
    results: { results: { s3: { endpoint, bucket, region, forcePathStyle: true, credentialsFrom } } },
    runArguments: [],
    writeCredentials: (secrets) => {
      mkdirSync(join(secrets, 's3'));
      writeFileSync(join(secrets, 's3', 'credentials'), JSON.stringify({ accessKeyId, secretAccessKey }));
    },
    count: async () => objectsBelow(server.bucketDirectory),
    stop: () => server.remove(),
  };
}

function objectsBelow(directory: string): number {
  return readdirSync(directory, { recursive: true }).filter((name) => String(name).endsWith('.jsonl.gz'))
    .length;
}
