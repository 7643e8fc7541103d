import { defineDetector, type EpochObservation, type EvidenceObservation } from './contract.ts';
import { faultDetector } from './faults/fault-detector.ts';

/**
 * Errors of priority 1 and 2 of ETSI TR 101 290 v1.4.1 (tables 5.0a and 5.0b), as the ingress measures them in the
 * stream's own time. `info` is what receivers are built to bear and nobody sees. Left to others: CAT_error, since what
 * is scrambled cannot be decoded at all.
 */
export default defineDetector({
  manifest: {
    type: 'transport',
    title: 'Transport stream',
    description: 'The MPEG transport stream breaks rules of priority 1 or 2 of ETSI TR 101 290.',
    kinds: {
      'sync-loss': { description: 'packets no longer follow each other (1.1)' },
      'sync-byte': { description: 'a packet does not start with the sync byte (1.2)' },
      pat: { description: 'the programme association table is late or lacking (1.3)' },
      continuity: { description: 'packets were lost, repeated or out of order (1.4)' },
      pmt: { description: 'the programme map table is late or lacking (1.5)' },
      pid: { description: 'no packet comes of a picture or sound that the map refers to (1.6)' },
      'transport-error': { description: 'packets are marked as damaged (2.1)' },
      crc: { description: 'a table does not match its checksum (2.2)' },
      'pcr-repetition': { description: 'clock references are too far apart (2.3a)', severity: 'info' },
      'pcr-discontinuity': { description: 'the clock jumps without saying so (2.3b)' },
      'pcr-accuracy': {
        description: 'clock references do not match a constant rate (2.4)',
        severity: 'info',
      },
      pts: { description: 'presentation times are too far apart (2.5)', severity: 'info' },
    },
    needs: ['transport', 'clock'],
    cost: { fixed: 0.01, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'warning', minDuration: '0s' },
    thresholds: { enter: 0.5, exit: 0.5 },
    parameters: {
      tableInterval: {
        type: 'duration',
        default: '500ms',
        minimum: '500ms',
        description: 'PAT and PMT are late after this time.',
      },
      pidAbsence: {
        type: 'duration',
        default: '5s',
        minimum: '5s',
        description: 'A picture or sound is lacking after this time without a packet.',
      },
      clockInterval: {
        type: 'duration',
        default: '100ms',
        minimum: '100ms',
        description: 'Clock references are too far apart beyond this time.',
      },
      timestampInterval: {
        type: 'duration',
        default: '700ms',
        minimum: '700ms',
        description: 'Presentation times are too far apart beyond this time.',
      },
    },
  },
  create: ({ tableInterval, pidAbsence, clockInterval, timestampInterval }) =>
    faultDetector({
      kindOf,
      limits: {
        pat: tableInterval,
        pmt: tableInterval,
        pid: pidAbsence,
        'pcr-repetition': clockInterval,
        pts: timestampInterval,
      },
      unseen,
    }),
});

function kindOf({ evidence, fault }: EvidenceObservation): string | undefined {
  if (evidence === 'continuity-gap') return 'continuity';
  // Without a fault, the damage is not the sender's.
  return evidence === 'transport-error' || evidence === 'transport-fault' ? fault : undefined;
}

function unseen({ transportSeen, container }: EpochObservation): string | undefined {
  if (!transportSeen) return 'packets are not seen: the decoder opens the source itself';
  return container === 'mpegts' ? undefined : 'the media is not an MPEG transport stream';
}
