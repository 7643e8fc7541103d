import { describe, expect, it } from 'vitest';
import { Timeline } from '../../../monitor/watch/timeline.ts';

function file() {
  const timeline = new Timeline();
  timeline.beginSession(false);
  return timeline;
}

function live() {
  const timeline = new Timeline();
  timeline.beginSession(true);
  return timeline;
}

describe('Timeline', () => {
  it('keeps the container’s clock of a file, also where its video begins late', () => {
    const timeline = file();
    expect(timeline.place('video', 0.83, 3)).toEqual({ time: 0.83, epoch: true });
    expect(timeline.place('audio', 0, 3)).toEqual({ time: 0, epoch: false });
    expect(timeline.place('video', 0.87, 3)).toEqual({ time: 0.87, epoch: false });
  });

  it('goes on where a file’s first session ended', () => {
    const timeline = file();
    timeline.place('video', 0, 0);
    timeline.place('video', 9, 0);
    timeline.beginSession(false);
    expect(timeline.place('video', 0.5, 0)).toEqual({ time: 9.5, epoch: true });
  });

  it('starts live media at the wall clock, and follows it over a reconnect', () => {
    const timeline = live();
    expect(timeline.place('video', 0, 1.5).time).toBe(1.5);
    timeline.beginSession(true);
    expect(timeline.place('video', 0, 60)).toEqual({ time: 60, epoch: true });
  });

  it('keeps both tracks together when timestamps jump', () => {
    const timeline = live();
    timeline.place('video', 100, 0);
    timeline.place('audio', 100.1, 0);
    const video = timeline.place('video', 5000, 1);
    expect(video.epoch).toBe(true);
    const late = timeline.place('audio', 100.2, 1);
    expect(late).toEqual({ time: expect.closeTo(0.2), epoch: false });
    const audio = timeline.place('audio', 5000.1, 1);
    expect(audio).toEqual({ time: expect.closeTo(video.time + 0.1), epoch: false });
  });

  it('takes a step back as an epoch and never goes back itself', () => {
    const timeline = live();
    timeline.place('video', 0, 0);
    timeline.place('video', 4, 4);
    const back = timeline.place('video', 1, 5);
    expect(back).toEqual({ time: 5, epoch: true });
    expect(timeline.now).toBe(5);
  });

  it('keeps a gap that a viewer would see as a skip', () => {
    const timeline = live();
    timeline.place('video', 0, 0);
    expect(timeline.place('video', 3, 0.1)).toEqual({ time: 3, epoch: false });
  });

  it('runs on through a pause, and media follow from there', () => {
    const timeline = live();
    timeline.place('video', 0, 0);
    timeline.place('video', 1, 1);
    timeline.pause(7);
    expect(timeline.place('video', 1.04, 7)).toEqual({ time: expect.closeTo(7.04), epoch: false });
  });

  it('dates what came in a burst to before it came', () => {
    const timeline = live();
    timeline.place('video', 0, 0);
    timeline.place('video', 6, 0.5);
    expect(timeline.wallOf(6)).toBeCloseTo(0.5);
    expect(timeline.wallOf(2)).toBeCloseTo(-3.5);
  });

  it('counts an outage once where the sender’s clock ran on', () => {
    const timeline = live();
    timeline.place('video', 0, 0);
    timeline.place('audio', 0, 0);
    timeline.pause(4.6);
    expect(timeline.place('video', 5, 5)).toEqual({ time: expect.closeTo(5), epoch: false });
    expect(timeline.place('audio', 5.02, 5)).toEqual({ time: expect.closeTo(5.02), epoch: false });
    expect(timeline.now).toBeCloseTo(5.02);
  });

  it('counts it once also where a decoder still held something from before', () => {
    const timeline = live();
    timeline.place('video', 0, 0);
    timeline.place('audio', 0, 0);
    timeline.pause(4.6);
    expect(timeline.place('video', 0.04, 5).time).toBeCloseTo(4.64);
    expect(timeline.place('audio', 5, 5).time).toBeCloseTo(5);
    expect(timeline.place('video', 0.08, 5).time).toBeCloseTo(4.6);
    expect(timeline.place('video', 5.04, 5).time).toBeCloseTo(5.04);
    expect(timeline.now).toBeCloseTo(5.04);
  });

  it('keeps the dates of a pause when what was missed comes at once', () => {
    const timeline = live();
    timeline.place('video', 0, 0);
    timeline.place('video', 10, 10);
    timeline.pause(30);
    for (let frame = 1; frame <= 500; frame++) timeline.place('video', 10 + frame / 25, 30);
    expect(timeline.now).toBeCloseTo(50);
    expect(timeline.wallOf(10)).toBeCloseTo(10);
    expect(timeline.wallOf(29)).toBeCloseTo(29);
    expect(timeline.wallOf(49.9)).toBeCloseTo(29.9, 0);
    expect(timeline.wallOf(60)).toBeCloseTo(40);
  });

  it('dates right where media come later and later', () => {
    const timeline = live();
    for (let second = 0; second < 600; second++) timeline.place('video', second, second * 1.05);
    expect(timeline.wallOf(599)).toBeGreaterThan(620);
    for (let time = 1; time < 599; time++) {
      expect(timeline.wallOf(time)).toBeGreaterThanOrEqual(timeline.wallOf(time - 1));
    }
  });

  it('locates transport timestamps of the present epoch and the last, and no other', () => {
    const timeline = live();
    timeline.place('video', 100, 0);
    expect(timeline.locate(101)).toBeCloseTo(1);
    expect(timeline.locate(5000)).toBeUndefined();
    timeline.place('video', 5000, 1);
    expect(timeline.locate(5001)).toBeCloseTo(2);
    expect(timeline.locate(101)).toBeCloseTo(1);
  });
});
