import type {
  EvidenceKind,
  EvidenceObservation,
  PlaylistFault,
  TransportFault,
} from '../detectors/contract.ts';

type Fault = TransportFault | PlaylistFault;
type Finding = Omit<EvidenceObservation, 'type' | 'time' | 'evidence' | 'fault'>;

// Records, so that the compiler misses a kind or a fault that is not there.

const kinds: Readonly<Record<Exclude<EvidenceKind, 'transport-fault' | 'playlist-fault'>, Finding>> = {
  'continuity-gap': { track: 'video', count: 3 },
  'transport-error': { track: 'audio' },
  'missing-segment': { track: 'unknown', count: 1, duration: 6 },
  'short-segment': { track: 'unknown', count: 1 },
  'decoder-error': { track: 'video', count: 40 },
  'decoder-concealment': { track: 'video', count: 40 },
  'random-access': { track: 'video' },
};

const faults: Readonly<Record<Fault, Finding & { readonly evidence: EvidenceKind }>> = {
  'sync-loss': { evidence: 'transport-error', track: 'unknown' },
  'sync-byte': { evidence: 'transport-error', track: 'unknown' },
  'transport-error': { evidence: 'transport-error', track: 'video' },
  pat: { evidence: 'transport-fault', track: 'unknown', value: 0.8 },
  pmt: { evidence: 'transport-fault', track: 'unknown', value: 0.8 },
  pid: { evidence: 'transport-fault', track: 'audio', value: 6 },
  crc: { evidence: 'transport-fault', track: 'unknown' },
  'pcr-repetition': { evidence: 'transport-fault', track: 'unknown', value: 0.2 },
  'pcr-discontinuity': { evidence: 'transport-fault', track: 'unknown', value: 3 },
  'pcr-accuracy': { evidence: 'transport-fault', track: 'unknown', value: 2e-6 },
  pts: { evidence: 'transport-fault', track: 'video', value: 1.2 },
  stale: { evidence: 'playlist-fault', track: 'unknown', value: 2.5 },
  unavailable: { evidence: 'playlist-fault', track: 'unknown' },
  unreadable: { evidence: 'playlist-fault', track: 'unknown' },
  sequence: { evidence: 'playlist-fault', track: 'unknown' },
  'older-copy': { evidence: 'playlist-fault', track: 'unknown' },
  'discontinuity-sequence': { evidence: 'playlist-fault', track: 'unknown' },
  'long-segment': { evidence: 'playlist-fault', track: 'unknown', value: 9, duration: 9 },
  'duration-mismatch': { evidence: 'playlist-fault', track: 'unknown', value: 0.5 },
  'out-of-step': { evidence: 'playlist-fault', track: 'unknown', value: 1.5, duration: 6 },
  gap: { evidence: 'missing-segment', track: 'unknown', count: 1, duration: 6 },
  skipped: { evidence: 'missing-segment', track: 'unknown', count: 2 },
};

/** Evidence of each kind, and with each fault, that the contract knows. */
export function* syntheticEvidence(time: number): Generator<EvidenceObservation> {
  for (const [evidence, finding] of Object.entries(kinds))
    yield { type: 'evidence', time, evidence: evidence as EvidenceKind, ...finding };
  for (const [fault, finding] of Object.entries(faults))
    yield { type: 'evidence', time, fault: fault as Fault, ...finding };
}

/** Comparisons with a reference of which nothing is known, with one that agrees, and with one that does not. */
export const comparisons = {
  notYet: { picture: { unknown: 'too little has come yet' }, sound: { unknown: 'too little has come yet' } },
  agreeing: {
    picture: { lag: { seconds: 4.2, confidence: 0.9 }, match: 1 },
    sound: { lag: { seconds: 4.3, confidence: 0.6 }, match: 0.8 },
  },
  other: {
    picture: { lag: { seconds: 4.2, confidence: 0.5 }, match: 0.1 },
    sound: { match: 0, unknown: 'it was not found' },
  },
} as const;
