import { describe, expect, it } from 'vitest';
import type { ActionSettings } from '../../../crds/assignment.ts';
import type { Incident, IncidentAction } from '../../../crds/incident.ts';
import { type ActionFacts, nextStep } from '../../../monitor/actions/action-plan.ts';
import { incident } from '../notifications/incidents.ts';

const opened = Date.parse(incident().openedAt);
const action: ActionSettings = {
  name: 'switch',
  match: { severity: 'warning' },
  after: 10,
  cooldown: 300,
  webhook: { url: 'https://router.example/' },
};

/** So many seconds after the incident was opened. */
const step = (seconds: number, facts: Partial<ActionFacts> = {}) =>
  nextStep({ action, incident: incident(), present: true, now: opened + seconds * 1000, ...facts });
const withAction = (outcome: IncidentAction['outcome'], name = 'switch'): { incident: Incident } => ({
  incident: incident({ actions: [{ name, at: '2026-01-31T23:00:10.000Z', outcome }] }),
});

describe('nextStep', () => {
  it('takes an action once the incident has been open for so long', () => {
    expect([9.9, 10, 3600].map((seconds) => step(seconds))).toEqual(['none', 'take', 'take']);
    expect(step(0, { action: { ...action, after: 0 } })).toBe('take');
  });

  it('waits while the defect is not there, though the incident is still open', () => {
    expect(step(20, { present: false })).toBe('none');
  });

  it('leaves alone what the action is not for', () => {
    expect(step(20, { incident: incident({ severity: 'info' }) })).toBe('none');
    expect(step(20, { incident: incident({ suppressed: 'schedule' }) })).toBe('none');
  });

  it('takes none within the cool-down of the last, and the same one afterwards', () => {
    const taken = (secondsAgo: number) => ({ lastTaken: opened + 20_000 - secondsAgo * 1000 });
    expect(step(20, taken(299))).toBe('cooldown');
    expect(step(20, taken(300))).toBe('take');
    expect(step(5, taken(299))).toBe('none');
    // A clock that was set back must neither allow a second one nor forbid it for ever.
    expect(step(20, taken(-100))).toBe('cooldown');
    expect(step(20, taken(-3600))).toBe('take');
  });

  it('takes it once for an incident, and goes on with one that nobody answered', () => {
    for (const outcome of ['delivered', 'failed', 'abandoned'] as const) {
      expect(step(20, withAction(outcome))).toBe('none');
    }
    expect(step(20, withAction('pending'))).toBe('resume');
    expect(step(20, { ...withAction('pending'), present: false, lastTaken: opened })).toBe('resume');
    expect(step(20, withAction('delivered', 'restart'))).toBe('take');
  });
});
