import { expect, it } from 'vitest';
import type { DetectorNeed } from '../../../crds/detector-manifest.ts';
import silence from '../../../monitor/detectors/silence.ts';
import { wantsOf } from '../../../monitor/watch/detector-selection.ts';
import type { RunnableDetector } from '../../../monitor/watch/running-detector.ts';

function wanted(...needs: DetectorNeed[]) {
  const definition = { ...silence, manifest: { ...silence.manifest, needs } } as RunnableDetector;
  const settings = { enabled: true, severity: 'info', minDuration: 0, mergeGap: 0, parameters: {} } as const;
  const { video, audio } = wantsOf([{ definition, settings }], { preview: false });
  return { video, audio };
}

it('has decoded what detectors need, also for what they compare or miss', () => {
  expect(wanted('transport')).toEqual({ video: 'none', audio: false });
  expect(wanted('audio')).toEqual({ video: 'none', audio: true });
  expect(wanted('reduced')).toEqual({ video: 'reduced', audio: false });
  expect(wanted('reduced', 'native')).toEqual({ video: 'native', audio: false });
  expect(wanted('clock')).toEqual({ video: 'reduced', audio: true });
  expect(wanted('reference')).toEqual({ video: 'reduced', audio: true });
});
