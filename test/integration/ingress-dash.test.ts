import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BreakCue } from '../../monitor/ingress/breaks/break-cue.ts';
import { openFileIngress } from '../../monitor/ingress/open.ts';
import { spliceSection } from '../unit/ingress/breaks/splice-section.ts';
import {
  ffmpeg,
  framesIn,
  Origin,
  only,
  open,
  readEverything,
  readSession,
  testMedia,
  watched,
} from './ingress-origin.ts';

let origin: Origin;

beforeAll(async () => {
  origin = await Origin.start();
  const dash = ['-f', 'dash', '-seg_duration', '2'];
  await ffmpeg(origin.directory, ...testMedia(8), ...dash, 'timeline.mpd');
  const template = [
    '-use_timeline',
    '0',
    '-init_seg_name',
    'i$RepresentationID$.m4s',
    '-media_seg_name',
    'n$RepresentationID$-$Number$.m4s',
  ];
  await ffmpeg(origin.directory, ...testMedia(8), ...dash, ...template, 'template.mpd');
});

afterEach(() => origin.overrides.clear());
afterAll(() => origin.stop());

describe('DASH', () => {
  it.each(['timeline.mpd', 'template.mpd'])('gives every frame and sound: %s', async (path) => {
    const [only] = await readEverything(await open(origin.url(path), watched()));
    expect(only!.session).toMatchObject({
      live: false,
      inputs: [
        { carries: 'video', format: 'mov' },
        { carries: 'audio', format: 'mov' },
      ],
    });
    expect(await framesIn(only!.inputs[0]!)).toBe(200);
    expect(await framesIn(only!.inputs[1]!, 'a')).toBeGreaterThan(370);
  });

  it('is read from local files', async () => {
    const [only] = await readEverything(
      await openFileIngress(origin.path('timeline.mpd'), watched().options),
    );
    expect(await framesIn(only!.inputs[0]!)).toBe(200);
  });

  it('tells a missing segment and its track', async () => {
    origin.overrides.set('chunk-stream0-00002.m4s', (_request, response) => response.writeHead(404).end());
    const seen = watched();
    const [session] = await readEverything(await open(origin.url('timeline.mpd'), seen));
    expect(only('missing-segment', seen)).toMatchObject([{ track: 'video', count: 1 }]);
    expect(await framesIn(session!.inputs[0]!)).toBe(150);
  });

  it('tells what its event streams announce, where its pictures have that time', async () => {
    const manifest = await readFile(origin.path('timeline.mpd'), 'utf8');
    const message = spliceSection({ event: 7, time: 1, duration: 3 }).toString('base64');
    const events =
      '<EventStream schemeIdUri="urn:scte:scte35:2014:xml+bin" timescale="1000"><Event presentationTime="3500">' +
      `<Signal xmlns="http://www.scte.org/schemas/35/2016"><Binary>${message}</Binary></Signal></Event></EventStream>`;
    origin.overrides.set('timeline.mpd', (_request, response) =>
      response.end(manifest.replace(/<Period[^>]*>/, `$&${events}`)),
    );
    const cues: BreakCue[] = [];
    await readEverything(await open(origin.url('timeline.mpd'), watched({ onCue: (cue) => cues.push(cue) })));
    expect(cues).toHaveLength(4);
    const [first] = cues;
    for (const [index, { pts, after, ...news }] of cues.entries()) {
      expect(news).toEqual({ cue: 'out', event: 'insert/7', duration: 3 });
      expect(pts - first!.pts).toBeCloseTo(2 * index, 2);
      expect(after).toBeCloseTo(3.5 - 2 * index, 2);
    }
  });

  it('is followed live as it grows', async () => {
    const packager = ffmpeg(
      origin.directory,
      '-re',
      ...testMedia(16),
      ...['-f', 'dash', '-seg_duration', '1', '-window_size', '6', '-extra_window_size', '6'],
      ...[
        '-init_seg_name',
        'li$RepresentationID$.m4s',
        '-media_seg_name',
        'l$RepresentationID$-$Number$.m4s',
        'live.mpd',
      ],
    );
    await new Promise((resolve) => setTimeout(resolve, 7000));
    const seen = watched();
    const ingress = await open(origin.url('live.mpd'), seen);
    const session = await ingress.next();
    expect(session).toMatchObject({ live: true, inputs: [{ carries: 'video' }, { carries: 'audio' }] });
    const [video, audio] = await readSession(session!);
    await packager;
    expect(await ingress.next()).toBeUndefined();
    expect(await framesIn(video!)).toBeGreaterThanOrEqual(10 * 25);
    expect(await framesIn(audio!, 'a')).toBeGreaterThan(400);
    expect(only('missing-segment', seen)).toEqual([]);
  });

  it.each([
    ['malformed', 'NotMedia', (text: string) => text.slice(0, text.indexOf('<SegmentTimeline'))],
    ['empty', 'EmptyPlaylist', (text: string) => text.replace(/<Period[\s\S]*<\/Period>/, '')],
    [
      'encrypted',
      'UnsupportedStream',
      (text: string) =>
        text.replaceAll(
          '<SegmentTemplate',
          '<ContentProtection schemeIdUri="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"/><SegmentTemplate',
        ),
    ],
  ])('that is %s is %s', async (name, reason, change) => {
    const text = change(await readFile(origin.path('timeline.mpd'), 'utf8'));
    origin.text(`${name}.mpd`, text, 'application/dash+xml');
    await expect(open(origin.url(`${name}.mpd`), watched())).rejects.toMatchObject({ reason });
  });
});
