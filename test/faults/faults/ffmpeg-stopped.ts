import { type Fault, processBound } from '../fault.ts';

export default {
  name: 'ffmpeg-stopped',
  breaks: 'the decoder of a stream stands still (SIGSTOP)',
  promise: 'It is found out, killed and replaced.',
  bound: processBound,
  strike: async (bed, random) => {
    const stream = random.pick(bed.streams);
    const [converter] = await bed.converters(bed.podOf(stream));
    process.kill(converter!.pid, 'SIGSTOP');
    return { what: `one on the shard of ${stream}`, seconds: 0, heal: async () => {} };
  },
} satisfies Fault;
