import { describe, expect, it } from 'vitest';
import {
  incidentEvent,
  maximumPictureBytes,
  withPicture,
} from '../../../monitor/notifications/incident-event.ts';
import { closed, opened } from './incidents.ts';

const now = '2026-01-31T23:00:09.000Z';

describe('incidentEvent', () => {
  it('has the attributes that CloudEvents 1.0 requires, and one id per revision', () => {
    expect(incidentEvent(opened(), now, 'eu-test-1')).toMatchObject({
      specversion: '1.0',
      id: '6f1b4f0e-0000-4000-8000-000000000001.1',
      source: '/apis/streammonitor.dev/v1alpha1/namespaces/live/streammonitors/sports',
      type: 'dev.streammonitor.incident.opened',
      subject: 'channel-1',
      time: '2026-01-31T23:00:00.000Z',
      datacontenttype: 'application/json',
      region: 'eu-test-1',
    });
    const end = incidentEvent(closed(), now);
    expect(end).toMatchObject({ type: 'dev.streammonitor.incident.closed', time: now });
    expect(end.id).toMatch(/\.2$/);
    expect(end).not.toHaveProperty('region');
  });

  it('thins a long score curve to its peaks', () => {
    const scores = Array.from({ length: 1000 }, (_, index) => [index, index === 501 ? 1 : 0] as const);
    const thinned = incidentEvent({ ...opened(), evidence: { scores } }, now).data.scores!;
    expect(thinned.length).toBeLessThanOrEqual(240);
    expect(thinned).toContainEqual([501, 1]);
    expect(incidentEvent(opened(), now).data).not.toHaveProperty('scores');
  });

  it('takes a picture unless it is too big', () => {
    const event = incidentEvent(opened(), now);
    const jpeg = Buffer.from('picture');
    expect(withPicture(event, jpeg).data.picture).toEqual({
      mediaType: 'image/jpeg',
      base64: jpeg.toString('base64'),
    });
    expect(withPicture(event, Buffer.alloc(maximumPictureBytes)).data.picture).toBeDefined();
    expect(withPicture(event, Buffer.alloc(maximumPictureBytes + 1)).data.picture).toBeUndefined();
  });
});
