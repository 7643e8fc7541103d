import { describe, expect, it } from 'vitest';
import { destinationsOf, evidenceKey, hourOf, objectKey } from '../../../monitor/results/series.ts';

const s3 = { bucket: 'results', prefix: 'live', forcePathStyle: false };

describe('objectKey', () => {
  it('is a Hive path below the prefix, whose slash may be left out', () => {
    const hour = hourOf('2026-01-31T23:59:59.999Z');
    const series = { shard: 'shard-0', detector: 'freeze', hour, importance: 'summary' } as const;
    const path = 'detector=freeze/date=2026-01-31/hour=23/shard-0-boot-1.jsonl.gz';
    const key = (destination: Parameters<typeof evidenceKey>[0]) =>
      objectKey({ ...series, destination }, 'shard-0-boot-1');
    expect(key({ s3 })).toBe(`live/${path}`);
    expect(key({ s3: { ...s3, prefix: 'live/' } })).toBe(`live/${path}`);
    expect(key({ s3: { ...s3, prefix: '' } })).toBe(path);
    expect(key({ directory: '/results' })).toBe(path);
    expect(evidenceKey({ s3 }, 'a-1.jpg')).toBe('live/evidence/a-1.jpg');
  });

  it('serves a bucket and a directory alike', () => {
    expect(destinationsOf({ s3, directory: '/results' })).toEqual([{ s3 }, { directory: '/results' }]);
    expect(destinationsOf({})).toEqual([]);
  });
});
