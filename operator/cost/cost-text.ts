import { textTable } from '../../cli/text-table.ts';
import { type CostReport, type DistributedReport, monthHours } from './cost-report.ts';

/** The report as people read it. */
export function costText(report: CostReport): string {
  return [
    heading(report),
    ...report.shed.map(({ stream, reason }) => `not watched, in no figure: ${stream}: ${reason}`),
    '',
    ...ownPart(report),
    '',
    ...distributedPart(report),
    '',
    ...findings(report).flatMap((sentence) => wrapped(sentence)),
    ...reservationPart(report),
    '',
    'What this rests on',
    ...report.assumptions.flatMap((sentence) => wrapped(`- ${sentence}`)),
    '',
  ].join('\n');
}

function heading({ monitors, streams, currency, region, pricesAsOf }: CostReport): string {
  const of = monitors.length > 3 ? `${monitors.length} StreamMonitors` : monitors.join(', ');
  return `${plural(streams, 'stream')} of ${of}; ${currency}, ${region}, prices of ${pricesAsOf}`;
}

function ownPart({ streamMonitor: own, currency }: CostReport): string[] {
  const { pods, vcpu, gb, resultPuts, compute, cluster, s3 } = own.hourly;
  const paid = (amount: number) => money(amount * monthHours, currency);
  return [
    'StreamMonitor',
    ...table(
      [
        'shards',
        `${plural(pods, 'pod')}: ${number(vcpu)} vCPU, ${number(gb)} GB; work of ${number(own.work)} vCPU`,
      ],
      [
        ['S3 in an hour', `${number(resultPuts)} PUT of results, 0 GET`],
        [
          'a stream-hour',
          `${money(own.perStreamHour, currency)}; ${money(own.perStreamHourPacked, currency)} in full pods of ${own.streamsInFullPod}, without the cluster`,
        ],
        [
          `a month (${monthHours} h)`,
          `${money(own.perMonth, currency)}: pods ${paid(compute)}, cluster ${paid(cluster)}, S3 ${paid(s3)}`,
        ],
      ],
    ),
  ];
}

function distributedPart({ distributed, currency }: CostReport): string[] {
  return [
    'Step Functions + Lambda + S3, frames through S3: the same streams and detectors, money of a stream-hour',
    ...table(
      [...designHead, 'S3', 'steps', 'Lambda', 'sum', 'all, a month', 'StreamMonitor', 'stops at'],
      distributed.map((row) => {
        const { s3, workflow, lambda, total } = row.perStreamHour;
        return [
          ...designCells(row),
          ...[s3, workflow, lambda, total, row.perMonth].map((amount) => money(amount, currency)),
          difference(row.saving),
          `${count(row.limit.streams)} streams: ${row.limit.quota}`,
        ];
      }),
    ),
    '',
    'What it does in a stream-hour',
    ...table(
      [
        ...designHead,
        'S3 PUT',
        'S3 GET',
        'pictures',
        'transitions',
        'executions',
        'functions called',
        'Lambda',
      ],
      distributed.map((row) => {
        const { puts, gets, pictureGb, transitions, executions, invocations, lambdaGbSeconds } = row.hourly;
        return [
          ...designCells(row),
          ...[puts, gets].map(compact),
          `${compact(pictureGb)} GB`,
          ...[transitions, executions, invocations].map(compact),
          `${compact(lambdaGbSeconds)} GB-s`,
        ];
      }),
    ),
  ];
}

const designHead = ['frames/s', 'workflow', 'functions'];

function designCells({ frameRate, workflow, functions }: DistributedReport): string[] {
  return [String(frameRate), workflow, functions === 'one' ? 'one for all' : 'one each'];
}

/** The claim, and what can be said against it. */
function findings({ distributed, streamMonitor }: CostReport): string[] {
  const at = (frameRate: number, workflow: string, functions = 'each') =>
    distributed.find(
      (row) => row.frameRate === frameRate && row.workflow === workflow && row.functions === functions,
    )!;
  const said = (row: DistributedReport) => difference(row.saving);
  return [
    `With every frame through S3, at 30 and 25 frames/s, StreamMonitor costs ${said(at(30, 'Standard'))} and ${said(at(25, 'Standard'))} than Standard workflows, ${said(at(30, 'Express'))} and ${said(at(25, 'Express'))} than Express ones.`,
    `Against it: at 1 frame/s it costs ${said(at(1, 'Standard'))} than Standard and ${said(at(1, 'Express'))} than Express workflows, and ${said(at(1, 'Express', 'one'))} than an Express one with one function for all detectors; that sees one frame a second, StreamMonitor all of them.`,
    `StreamMonitor stops at ${count(streamMonitor.limit)} such streams in a pool.`,
  ];
}

function reservationPart({ reservation, currency }: CostReport): string[] {
  if (!reservation) return [];
  const { name, share, hours, peak, mean, pods, onDemand, withReserve, peakReserved } = reservation;
  const saved = onDemand > 0 ? 1 - withReserve / onDemand : 0;
  return [
    '',
    `Fixed capacity: ${name}, at ${percent(share)} of the price on demand`,
    ...indented([
      `${number(hours)} h with ${number(mean)} pods on average and ${plural(peak, 'pod')} at most`,
      `Reserve ${plural(pods, 'pod')}: the level in use for at least ${percent(share)} of the time.`,
      `It costs ${money(withReserve, currency)} beside ${money(onDemand, currency)} on demand (${percent(saved)} less), and ${money(peakReserved, currency)} with the peak reserved.`,
    ]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return indented(textTable(head, rows));
}

/** Columns that a sentence may take. */
const width = 118;

/** Lines of whole words; those after the first are indented. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `  ${word}`);
  }
  return lines;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function difference(saving: number): string {
  return saving >= 0 ? `${percent(saving)} less` : `${percent(-saving)} more`;
}

/** Never rounded up: 99.96 % is not all of it. */
function percent(share: number): string {
  return `${(Math.floor(Number((share * 1000).toFixed(6))) / 10).toFixed(1)} %`;
}

/** To three figures of those that are small, whole ones of those that are large. */
function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    ...(Math.abs(amount) < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 }),
  }).format(amount);
}

function compact(value: number): string {
  return new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

function count(value: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(value);
}

function number(value: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 }).format(value);
}

function plural(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}
