import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'ffmpeg-killed',
  breaks: 'the decoder of a stream is killed (SIGKILL)',
  promise: 'Another takes its place; an open incident stays the same one.',
  bound: processBound,
  strike: async (bed, random) => {
    const stream = random.pick(bed.streams);
    const [converter] = await bed.converters(bed.podOf(stream));
    process.kill(converter!.pid, 'SIGKILL');
    return { what: `one on the shard of ${stream}`, seconds: 0, heal: async () => {} };
  },
} satisfies Fault;
