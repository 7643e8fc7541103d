import type { Fault } from '../fault.ts';
import s3Frozen, { frozenServer } from './s3-frozen.ts';

export default {
  ...s3Frozen,
  name: 's3-frozen-for-long',
  breaks: 'the S3 server stands still (SIGSTOP) for longer than an attempt may take',
  strike: frozenServer(60, 90),
} satisfies Fault;
