import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Recent } from '../../crds/page-api.ts';
import { html } from './html.ts';

/** Seconds that a chart shows. */
const shownSeconds = 300;

/** One line over time. */
export interface ChartLine {
  readonly recent: Recent | undefined;
  /** Name of a colour in the style sheet, such as `--accent`. */
  readonly colour: string;
  readonly fill?: boolean;
}

/** A level that is drawn across. */
export interface ChartLevel {
  readonly at: number;
  readonly colour: string;
  /** Lengths of stroke and gap; unbroken without. */
  readonly dash?: readonly number[];
}

interface ChartProps {
  readonly lines: readonly ChartLine[];
  readonly levels: readonly ChartLevel[];
  readonly range: readonly [number, number];
  readonly height: number;
  /** Wall clock of the server, in ms since 1970. */
  readonly now: number;
  /** What the chart says, in words. */
  readonly label: string;
}

/** The last five minutes of some figures. Read by its label where it is not seen. */
export function Chart({ lines, levels, range, height, now, label }: ChartProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shown = useRef(levels);
  shown.current = levels;

  useEffect(() => {
    const element = box.current!;
    const made = new uPlot(
      {
        width: Math.max(1, element.clientWidth),
        height,
        padding: [4, 0, 2, 0],
        legend: { show: false },
        cursor: { show: false },
        axes: [{ show: false }, { show: false }],
        scales: {
          x: { time: false, range: (_plot, _from, to) => [to - shownSeconds, to] },
          y: { range: [...range] },
        },
        series: [
          {},
          ...lines.map(({ colour, fill }) => ({
            stroke: () => colourOf(element, colour),
            ...(fill && { fill: () => `${colourOf(element, colour)}22` }),
            width: 1.5,
            points: { show: false },
          })),
        ],
        hooks: { draw: [(drawn) => drawLevels(drawn, element, shown.current)] },
      },
      [[], ...lines.map(() => [])],
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: Math.max(1, element.clientWidth), height }),
    );
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => made.redraw(false);
    scheme.addEventListener('change', redraw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', redraw);
      made.destroy();
    };
  }, [lines.length, height]);

  const second = Math.floor(now / 1000);
  useEffect(() => {
    plot.current?.setData(alignedData(lines, second) as uPlot.AlignedData);
  }, [second, ...lines.map(({ recent }) => recent?.until)]);

  return html`<div class="chart" ref=${box} role="img" aria-label=${label}></div>`;
}

/** As uPlot takes it: the seconds, then the values of each line at them. */
function alignedData(lines: readonly ChartLine[], now: number): (number | null)[][] {
  const times = Array.from({ length: shownSeconds + 1 }, (_, index) => now - shownSeconds + index);
  const values = lines.map(({ recent }) => {
    if (!recent) return times.map(() => null);
    const first = recent.until - recent.values.length + 1;
    return times.map((time) => recent.values[time - first] ?? null);
  });
  return [times, ...values];
}

function drawLevels({ ctx, bbox, valToPos }: uPlot, element: Element, levels: readonly ChartLevel[]): void {
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const { at, colour, dash = [] } of levels) {
    const y = Math.round(valToPos(at, 'y', true)) + 0.5;
    ctx.strokeStyle = colourOf(element, colour);
    ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** Colours are those of the style sheet, whichever scheme is in force. */
function colourOf(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}
