import { defineDetector, type EvidenceObservation } from './contract.ts';
import { faultDetector } from './faults/fault-detector.ts';

/**
 * Playlists and manifests that leave players without media, or lead them astray (RFC 8216, ISO/IEC 23009-1), as the
 * ingress reads them. Every limit is one of the stream's own target duration. `info` is what players bear unseen.
 */
export default defineDetector({
  manifest: {
    type: 'playlist',
    title: 'Playlist',
    description: 'The HLS playlist or DASH manifest is stale, inconsistent, or lists what is not there.',
    kinds: {
      stale: { description: 'nothing new is listed for longer than the playlist promises' },
      unavailable: { description: 'the playlist cannot be had' },
      unreadable: { description: 'the playlist is none that can be read' },
      sequence: { description: 'segment numbers go back, jump, or change' },
      'older-copy': {
        description: 'an older copy of the playlist is served after a newer one',
        severity: 'info',
      },
      'discontinuity-sequence': {
        description: 'the numbers of discontinuities are not kept up',
        severity: 'info',
      },
      'missing-segment': { description: 'a listed segment cannot be had' },
      'short-segment': { description: 'a segment breaks off before its end' },
      'long-segment': { description: 'a segment is longer than the target duration', severity: 'info' },
      'duration-mismatch': { description: 'a segment is longer or shorter than the playlist says' },
      gap: { description: 'a segment is declared to be missing', severity: 'info' },
      'out-of-step': { description: 'the playlists of picture and sound do not reach equally far' },
    },
    needs: ['transport', 'clock'],
    cost: { fixed: 0.01, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'warning', minDuration: '0s' },
    thresholds: { enter: 0.5, exit: 0.5 },
    parameters: {
      staleAfter: {
        type: 'number',
        default: 1.5,
        minimum: 1.5,
        maximum: 20,
        unit: 'target durations',
        description: 'The playlist is stale after this time without a new segment.',
      },
      lengthTolerance: {
        type: 'number',
        default: 0.25,
        minimum: 0.25,
        maximum: 1,
        unit: 'target durations',
        description: 'How much longer or shorter a segment may be than the playlist says.',
      },
    },
  },
  create: ({ staleAfter, lengthTolerance }) =>
    faultDetector({
      kindOf,
      limits: { stale: staleAfter, 'duration-mismatch': lengthTolerance },
      unseen: ({ playlistSeen }) => (playlistSeen ? undefined : 'no playlist of the stream is seen'),
    }),
});

function kindOf({ evidence, fault }: EvidenceObservation): string | undefined {
  if (evidence === 'playlist-fault') return fault;
  if (evidence === 'short-segment') return 'short-segment';
  if (evidence !== 'missing-segment') return undefined;
  // What this reader was too slow for says nothing about the playlist.
  return fault === undefined || fault === 'gap' ? (fault ?? 'missing-segment') : undefined;
}
