/**
 * Letters as strokes on a grid of 4 × 6: pictures are captioned without fonts, which container images lack.
 * Only what the captions need.
 */
const letters: Readonly<Record<string, string>> = {
  A: 'M0 6V2L2 0L4 2V6M0 4H4',
  C: 'M4 1L3 0H1L0 1V5L1 6H3L4 5',
  D: 'M0 0V6H3L4 5V1L3 0Z',
  E: 'M4 0H0V6H4M0 3H3',
  F: 'M4 0H0V6M0 3H3',
  G: 'M4 1L3 0H1L0 1V5L1 6H3L4 5V3H2',
  L: 'M0 0V6H4',
  O: 'M1 0H3L4 1V5L3 6H1L0 5V1Z',
  R: 'M0 6V0H3L4 1V2L3 3H0M2 3L4 6',
  S: 'M4 1L3 0H1L0 1V2L1 3H3L4 4V5L3 6H1L0 5',
  T: 'M0 0H4M2 0V6',
};
const advance = 6;

/** SVG of a text whose letters are 6 × `scale` pixels high, its top left corner at `x`, `y`. */
export function strokeText(text: string, x: number, y: number, scale: number, colour: string): string {
  const glyphs = [...text.toUpperCase()].map((letter, index) => {
    const path = letters[letter];
    return path ? `<path transform="translate(${index * advance} 0)" d="${path}"/>` : '';
  });
  const transform = `translate(${x} ${y}) scale(${scale})`;
  return `<g transform="${transform}" fill="none" stroke="${colour}" stroke-width="0.9">${glyphs.join('')}</g>`;
}
