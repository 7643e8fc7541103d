import type { CleanClass } from '../injection.ts';
import type { Piece } from '../piece.ts';
import { hardPictures } from './making/hard-negative.ts';

const names = ['Camera', 'Light', 'Sound', 'Editor', 'Music', 'Colour', 'Costumes', 'Catering', 'Drivers'];
const roll = Array.from(
  { length: 60 },
  (_, index) => `${names[index % names.length]}   No. ${index + 1} of many`,
);

/** Lines of text that rise over a plain background. */
function rising({ master }: Piece, colour: string, background: string): string {
  const spacing = Math.round((master.picture?.height ?? 0) / 30);
  const lines = `text='${roll.join('\n')}':fontsize=h/18:line_spacing=${spacing}:fontcolor=${colour}`;
  return `[0:v]drawbox=c=${background}:t=fill,drawtext=${lines}:x=w/5:y=h*0.8-t*h/10[v]`;
}

/** A picture of the clip for four seconds each, with a dissolve between them. */
function slides({ master }: Piece): string {
  const rate = master.picture?.rate ?? 25;
  return `[0:v]fps=1/4,fps=${rate},tmix=frames=${Math.round(rate / 2)}[v]`;
}

const seconds = "fontsize=h*0.6:fontcolor=white:x=(w-tw)/2:y=(h-th)/2:text='%{eif\\:99-t\\:d}'";

export default [
  hardPictures({
    name: 'graphics',
    description: 'credits, a scrolling page, a countdown, or slides that dissolve into each other',
    variants: {
      credits: { graph: (piece) => rising(piece, 'white', 'black') },
      page: { graph: (piece) => rising(piece, 'black', 'white') },
      countdown: { graph: () => `[0:v]boxblur=20,eq=brightness=-0.2,drawtext=${seconds}[v]` },
      // A slide stands still: nobody can say whether it should.
      slides: { graph: slides, doubtful: () => ['freeze', 'stutter', 'black', 'flat'] },
    },
  }),
] satisfies readonly CleanClass[];
