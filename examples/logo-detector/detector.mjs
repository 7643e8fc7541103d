/**
 * A channel's logo that is missing: a logo is a still shape over a moving picture, so the edges in its corner stay
 * where they are. The edges that are always there are learned from the stream itself while it runs; the logo is
 * missing when most of them have gone. Columns and rows are those of the reduced picture, about 320 columns.
 */

/** Differences to the right and lower neighbour from which a sample counts as an edge, in luma levels. */
const edgeLevel = 24;
/** Pictures a second that are looked at: a logo neither comes nor goes faster. */
const looksPerSecond = 5;
/** A picture with less motion than this, in luma levels, says nothing: its own edges are as still as a logo's. */
const motion = 1;

const manifest = {
  type: 'logo',
  title: 'Logo missing',
  description: 'The logo that the stream has had in a corner is not there.',
  kinds: { missing: { description: 'the logo is missing' } },
  needs: ['reduced'],
  cost: { fixed: 1, perMegapixel: 0 },
  defaults: { enabled: true, severity: 'warning', minDuration: '3s' },
  thresholds: { enter: 0.7, exit: 0.5 },
  parameters: {
    corner: {
      type: 'choice',
      values: ['top-left', 'top-right', 'bottom-left', 'bottom-right'],
      default: 'top-right',
      description: 'Where the logo is.',
    },
    learn: {
      type: 'duration',
      default: '20s',
      minimum: '1s',
      maximum: '10m',
      description: 'How long the stream is looked at until its logo is known.',
    },
    leastEdges: {
      type: 'number',
      default: 40,
      minimum: 5,
      maximum: 2000,
      unit: 'samples',
      description: 'A corner with fewer lasting edges has no logo.',
    },
  },
};

/** @param {{ corner: string, learn: number, leastEdges: number }} parameters */
function create({ corner, learn, leastEdges }) {
  /** How often each sample of the corner was an edge, while learning. */
  let counts;
  let looks = 0;
  /** Samples that are edges of the logo, once it is known. */
  let logo;
  let since;
  let firstLook;
  let lastLook = Number.NEGATIVE_INFINITY;
  let told;
  let waiting = 'the logo is being learned';

  function unknown(reason) {
    if (told === reason) return [];
    told = reason;
    return [{ unknown: reason }];
  }

  function forget() {
    counts = undefined;
    looks = 0;
    firstLook = undefined;
    since = undefined;
  }

  return {
    step(observation) {
      if (observation.type === 'epoch') {
        // The logo is that of the channel, also after a reconnect; what was half learned is not.
        forget();
        if (!observation.hasVideo) return unknown('the stream has no video');
        return logo ? [] : unknown(waiting);
      }
      if (observation.type !== 'frame') return [];
      const { time, reduced, statistics } = observation;
      if (time - lastLook < 1 / looksPerSecond || !(statistics.difference >= motion)) return [];
      lastLook = time;
      const edges = edgesOf(reduced, corner);
      if (logo === undefined || logo.size !== edges.length) {
        if (!counts || counts.length !== edges.length) {
          forget();
          counts = new Uint16Array(edges.length);
          firstLook = time;
        }
        for (let sample = 0; sample < edges.length; sample++) counts[sample] += edges[sample];
        looks++;
        if (time - firstLook < learn) return unknown(waiting);
        const lasting = [...counts.keys()].filter((sample) => counts[sample] >= 0.9 * looks);
        forget();
        if (lasting.length < leastEdges) {
          waiting = `there is no logo in the corner ${corner}`;
          return unknown(waiting);
        }
        logo = { size: edges.length, samples: lasting };
      }
      const seen = logo.samples.reduce((sum, sample) => sum + edges[sample], 0);
      const score = 1 - seen / logo.samples.length;
      since = score >= manifest.thresholds.enter ? (since ?? time) : undefined;
      const judgement = { time, kind: 'missing', score, ...(since !== undefined && { since }) };
      return [...unknown(undefined), judgement];
    },
  };
}

/** 1 for each sample of the corner, a quarter of the picture's width and height, that is an edge. */
function edgesOf({ width, height, data }, corner) {
  const columns = width >> 2;
  const rows = height >> 2;
  const left = corner.endsWith('left') ? 0 : width - columns - 1;
  const top = corner.startsWith('top') ? 0 : height - rows - 1;
  const edges = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (top + row) * width + left + column;
      const here = data[at];
      const steep =
        Math.abs(here - data[at + 1]) >= edgeLevel || Math.abs(here - data[at + width]) >= edgeLevel;
      edges[row * columns + column] = steep ? 1 : 0;
    }
  }
  return edges;
}

export default { manifest, create };
