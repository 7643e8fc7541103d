import uPlot from 'uplot';
import type { LinePlot } from './line-plot.ts';
import { formatted } from './panel-values.ts';

/** Runs in the browser: draws every plot that the document carries into the panel of its number. */
const plots = JSON.parse(document.querySelector('#plots')!.textContent!) as readonly LinePlot[];
for (const plot of plots) draw(plot, document.querySelector<HTMLElement>(`[data-plot="${plot.id}"]`)!);
document.documentElement.dataset.drawn = String(plots.length);

function draw(plot: LinePlot, element: HTMLElement): void {
  // On a stack the uppermost is drawn first, so that each area hides what the one above it has below.
  const lines = plot.stacked ? [...plot.lines].reverse() : plot.lines;
  const axis = { stroke: '#ccccdc', grid: { stroke: '#ccccdc1a', width: 1 }, ticks: { show: false } };
  new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      axes: [
        {
          ...axis,
          font: '11px sans-serif',
          size: 24,
          space: 80,
          values: (_plot, splits) =>
            splits.map((second) => new Date(second * 1000).toISOString().slice(11, 19)),
        },
        {
          ...axis,
          font: '11px sans-serif',
          size: (_plot, texts) => 12 + 6.5 * Math.max(...(texts ?? []).map((text) => text.length), 2),
          values: (_plot, splits) => splits.map((value) => tick(value, splits, plot)),
          ...(plot.style.unit === 'bytes' && { incrs: Array.from({ length: 50 }, (_, power) => 2 ** power) }),
        },
      ],
      scales: {
        x: { range: [plot.from, plot.to] },
        y: { range: (_plot, low, high) => range(plot, low, high) },
      },
      series: [
        {},
        ...lines.map(({ color, values }) => ({
          stroke: color,
          width: plot.width,
          ...(plot.opacity > 0 && { fill: color + byte(plot.opacity) }),
          points: { show: true, size: 4, filter: () => lonely(values) },
        })),
      ],
      ...(plot.stacked && {
        bands: lines.slice(1).map((_, index) => ({ series: [index + 1, index + 2] as [number, number] })),
      }),
      hooks: { draw: [(drawn) => drawLevels(drawn, plot)] },
    },
    [plot.times, ...lines.map(({ values }) => values)] as unknown as uPlot.AlignedData,
    element,
  );
}

/** Points without a neighbour, which no line would show. */
function lonely(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, index) =>
    value !== null && values[index - 1] == null && values[index + 1] == null ? [index] : [],
  );
}

/** All ticks with the decimals that their distance needs. */
function tick(value: number, splits: readonly number[], { style }: LinePlot): string {
  // Minutes and hours are no multiples of ten.
  if (style.unit === 's' && Math.abs(value) >= 60) return formatted(value, { ...style, decimals: undefined });
  const distance = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0)) * (style.unit === 'percentunit' ? 100 : 1);
  const isScaled = style.unit === 'bytes' || (style.unit === 's' && Math.abs(value) < 1);
  const needed = distance >= 1 || isScaled ? 0 : Math.min(6, Math.ceil(-Math.log10(distance) - 1e-9));
  return formatted(value, { ...style, decimals: needed });
}

function range({ min, max, levels }: LinePlot, low: number | null, high: number | null): [number, number] {
  const values = [low ?? 0, high ?? 1, ...levels.map(({ at }) => at)];
  const least = min ?? Math.min(...values);
  const most = max ?? Math.max(...values);
  const room = most > least ? (most - least) * 0.08 : Math.abs(most) * 0.1 || 1;
  return [min ?? least - room, max ?? most + room];
}

function drawLevels({ ctx, bbox, valToPos }: uPlot, { levels }: LinePlot): void {
  ctx.save();
  ctx.setLineDash([10, 10]);
  for (const { at, color } of levels) {
    const y = Math.round(valToPos(at, 'y', true)) + 0.5;
    ctx.strokeStyle = color;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

function byte(share: number): string {
  return Math.round(share * 255)
    .toString(16)
    .padStart(2, '0');
}
