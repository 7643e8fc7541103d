import { goals } from '../../test/scale/goals.ts';
import type { PhaseFigures, ScaleRun } from '../../test/scale/scale-file.ts';
import { phases, scaleSettings } from '../../test/scale/scale-run.ts';
import { markdownTable } from './markdown-table.ts';

/** What the runs came to, as a page. */
export function scalePage(runs: readonly ScaleRun[]): string {
  const { max, movesInFlight, movesPerMinute } = scaleSettings.shards;
  return [
    '<!-- Written by `npm run generate` from scale.json; do not edit. -->',
    '# Scale',
    'What it takes the operator to keep thousands of streams, and what becomes of them when something happens: `npm run scale`. ' +
      'The API server, etcd, scheduler and controllers are real, and so is the operator, a process of its own with the heap ' +
      'that it has under the memory limit of the chart. Nodes are simulated by kwok; pods are simulated too, each answering ' +
      'as a monitor would on an address of its own. The defaults of an installation hold, but for `shards.max` ' +
      `(${max}), \`shards.movesInFlight\` (${movesInFlight}) and \`shards.movesPerMinute\` (${movesPerMinute}), ` +
      'as a run is not about waiting for budgets.',
    `Goals, up to ${goals.streams} streams: at most ${goals.megabytes} MiB at any time, ` +
      `${goals.steadyWritesPerSecond} write a second while nothing happens, ${goals.resyncSeconds} s for a restart. ` +
      'With more, every phase has to come to its end. A stream never has two owners. The command fails where one is not met.',
    [
      '- `place`: all StreamMonitors are written.',
      ...phases.map(({ name, what }) => `- \`${name}\`: ${what}.`),
    ].join('\n'),
    'A phase is over when every stream has an owner that runs, and every StreamMonitor is Ready. Writes are those of the ' +
      'operator as the API server’s audit log has them, its Lease and Events included. A stream is without owner from the ' +
      'end of its pod, or from when the pod gave it up, until another one has it.',
    ...(runs.length > 0
      ? runs.map(section)
      : ['No run is kept here yet: `npm run scale -- --streams 5000 --write` makes one.']),
    '',
  ].join('\n\n');
}

function section(run: ScaleRun): string {
  const { date, revision, command, machine, streams, monitors, shards } = run;
  return [
    `## ${streams} streams`,
    `${monitors} StreamMonitors, ${shards} pods. Measured on ${date} at revision \`${revision}\` by \`${command}\`, on ` +
      `${machine.cores} cores of ${machine.processor}, which everything shares, with Node ${machine.node}.`,
    markdownTable(
      [
        'phase',
        'until all is well',
        'of which after it',
        'writes',
        'a second',
        'CPU',
        'peak memory',
        'streams moved',
        'without owner',
        'for at most',
      ],
      run.phases.map(row),
    ),
    ...run.phases.filter(({ name }) => name === 'steady').map(steadyText),
  ].join('\n\n');
}

function row(figures: PhaseFigures): string[] {
  const { name, seconds, recoverySeconds, writes, cpuSeconds, peakMegabytes, moved, interrupted, longest } =
    figures;
  return [
    `\`${name}\``,
    `${seconds.toFixed(1)} s`,
    `${recoverySeconds.toFixed(1)} s`,
    String(writes),
    (writes / seconds).toFixed(2),
    `${cpuSeconds.toFixed(1)} s`,
    `${peakMegabytes.toFixed(0)} MiB`,
    String(moved),
    String(interrupted),
    interrupted > 0 ? `${longest.toFixed(1)} s` : '–',
  ];
}

function steadyText({ seconds, cpuSeconds }: PhaseFigures): string {
  const perHour = (cpuSeconds / seconds) * 3600;
  return `While nothing happens the operator takes ${perHour.toFixed(0)} s of CPU an hour, ${((cpuSeconds / seconds) * 100).toFixed(1)} % of a core.`;
}
