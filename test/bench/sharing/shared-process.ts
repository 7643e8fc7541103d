/** One decoding for several subsets of detectors, each in a process of its own: FILE SUBSET… */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpegInputs, ffmpegOutputs, type Wants } from '../../../monitor/converter/converter-plan.ts';
import { runFfmpeg } from '../../../monitor/converter/ffmpeg.ts';
import { reducedColumns } from '../../../monitor/kernels/luma-kernels.ts';

const [file = '', ...subsets] = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), 'streammonitor-bench-'));
try {
  const consumers = await Promise.all(
    subsets.map(async (types, index) => {
      const paths = {
        video: join(directory, `v${index}`),
        audio: join(directory, `a${index}`),
        preview: join(directory, `p${index}`),
      };
      const child = fork(join(import.meta.dirname, 'subset-process.ts'), [types, paths.video, paths.audio]);
      const [wants] = (await once(child, 'message')) as [Wants];
      return { child, outputs: ffmpegOutputs(wants, reducedColumns, paths, { input: 0, index: 0 }) };
    }),
  );
  const { ended } = runFfmpeg(
    ffmpegInputs([{ kind: 'file', path: file }], 'long'),
    consumers.flatMap(({ outputs }) => outputs),
    () => {},
  );
  const error = await ended;
  if (error) throw error;
  for (const { child } of consumers) {
    child.send('ended');
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`a subset ended with ${code}`);
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
