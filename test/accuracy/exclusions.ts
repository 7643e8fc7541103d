import { naturalIn, type Piece } from './piece.ts';
import type { Span } from './spans.ts';

/**
 * Where incidents of a detector in an undamaged piece are neither right nor wrong, by what the labels say is in the
 * clip: a picture that stands still by nature is no false freeze.
 */
export function naturalExclusions(piece: Piece): Record<string, readonly Span[]> {
  const { clip, seams } = piece.master;
  const everything: readonly Span[] = [[0, piece.seconds]];
  const still = naturalIn(piece, 'still');
  const black = naturalIn(piece, 'black');
  const silence = naturalIn(piece, 'silence');
  // Where a clip begins anew, its sound is cut.
  const cuts = seams.map((seam): Span => [seam - piece.from, seam - piece.from]);
  return {
    freeze: [...still, ...black],
    stutter: [...still, ...naturalIn(piece, 'repeats')],
    black,
    flat: black,
    silence,
    dropout: [...silence, ...cuts],
    ...(clip.clipped && { clipping: everything }),
    ...(clip.mono && { phase: everything }),
    ...(clip.gaps && { stall: everything }),
    // How loud a programme is was measured, not mistaken.
    loudness: everything,
  };
}
