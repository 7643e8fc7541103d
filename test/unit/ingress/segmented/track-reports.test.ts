import { expect, it } from 'vitest';
import type { IngressEvidence } from '../../../../monitor/ingress/ingress.ts';
import { LiveEdges } from '../../../../monitor/ingress/segmented/live-edges.ts';
import { TrackReports } from '../../../../monitor/ingress/segmented/track-reports.ts';

const segment = { sequence: 1, duration: 4, uri: 'file:///1.ts', discontinuity: false } as never;
const playlist = { targetDuration: 4, numbered: true, segments: [], ended: true } as never;
const gone = { evidence: 'missing-segment' } as const;

it('tells of missing segments where they would begin, one after the other', () => {
  const told: IngressEvidence[] = [];
  const reports = new TrackReports('program', {
    edges: new LiveEdges(),
    onEvidence: (evidence) => told.push(evidence),
  });
  reports.read(segment, 8, playlist, 0);
  // The newest picture is known to the start of its fragment alone.
  for (let count = 0; count < 2; count++) reports.missing({ duration: 4 }, 8, gone);
  reports.missing({ duration: 4 }, 20.5, { evidence: 'short-segment' });
  reports.beginStretch();
  reports.missing({ duration: 4 }, 30, gone);
  expect(told.map(({ pts }) => pts)).toEqual([12, 16, 20.5, 30]);
});
