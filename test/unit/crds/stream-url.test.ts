import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { StreamUrl } from '../../../crds/stream-url.ts';

describe('StreamUrl', () => {
  it('holds the credentials of an RTSP URL that comes from a Secret, and shows them to nobody', () => {
    const url = new StreamUrl('rtsp://reader:hunter2@camera.example:8554/live', { secret: true });
    expect(url.reveal()).toBe('rtsp://reader:hunter2@camera.example:8554/live');
    for (const shown of [String(url), JSON.stringify(url), inspect(url)]) {
      expect(shown.replaceAll('"', '')).toBe('rtsp://camera.example:8554/…');
    }
  });

  it.each([
    ['rtsp://reader:hunter2@camera.example/live', {}],
    ['https://reader:hunter2@origin.example/live.m3u8', { secret: true }],
  ])('refuses credentials elsewhere: %s', (text, options) => {
    expect(() => new StreamUrl(text, options)).toThrow('contains a user name or password');
  });
});
