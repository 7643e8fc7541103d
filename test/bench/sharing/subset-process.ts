/** Some detectors on what a decoder writes that several share: with the monitor's own pipes, frame memory and analysis. */
import { randomUUID } from 'node:crypto';
import { resolveDetectors } from '../../../crds/detector-settings.ts';
import type { ConverterSink } from '../../../monitor/converter/converter.ts';
import { FfmpegLog } from '../../../monitor/converter/ffmpeg-log.ts';
import { openPipes } from '../../../monitor/converter/output-pipe.ts';
import { type Attempt, audioSink, frameSink } from '../../../monitor/converter/track-sinks.ts';
import { selectDetectors, wantsOf } from '../../../monitor/watch/detector-selection.ts';
import { StreamAnalysis } from '../../../monitor/watch/stream-analysis.ts';

const [types = '', video = '', audio = ''] = process.argv.slice(2);
const all = resolveDetectors();
const detectors = await selectDetectors(
  Object.fromEntries(types.split(',').map((type) => [type, { ...all[type]!, enabled: true }])),
);
const wants = wantsOf(detectors, { preview: false });
const analysis = new StreamAnalysis({
  identity: { namespace: 'bench', monitor: 'bench', stream: 'bench' },
  ...{ detectors, pictures: false, newId: randomUUID, emit: () => {} },
  clock: { origin: Date.now(), now: Date.now },
});
const sink: ConverterSink = {
  onMedia: () => {},
  onFrame: (frame) => analysis.frame(frame),
  onAudio: (run) => analysis.audio(run),
  onPreview: () => {},
  onDamage: () => {},
};
const log = new FfmpegLog({ input: 0, index: 0 });
let begun = false;
const attempt: Attempt = {
  ...{ sink, log, zero: () => 0 },
  first: () => {
    if (!begun) analysis.media(log.media, { video: wants.video !== 'none', audio: wants.audio });
    begun = true;
    return true;
  },
};
analysis.beginSession({ live: false, transportSeen: false, expectedGap: 2 });
const pipes = await openPipes(
  [
    ...(wants.video === 'none' ? [] : [{ path: video, sink: frameSink(attempt, wants.video) }]),
    ...(wants.audio ? [{ path: audio, sink: audioSink(attempt) }] : []),
  ],
  () => analysis.pace(),
);
for (const { failed } of pipes) {
  failed.then((reason) => {
    throw reason;
  });
}
process.send!(wants);
process.once('message', async () => {
  // The decoder has ended: what it wrote is read to its end.
  await Promise.all(pipes.map((pipe) => pipe.drain()));
  if (!begun) throw new Error(`nothing was decoded for ${types}`);
  process.disconnect();
});
