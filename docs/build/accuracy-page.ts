import type { ClassResult, PeerSetting } from '../../test/accuracy/class-result.ts';
import type { Provenance, ResultFile } from '../../test/accuracy/result-file.ts';
import type { Tally } from '../../test/accuracy/scoring.ts';
import { type Estimate, poissonUpperBound } from '../../test/accuracy/statistics.ts';
import { markdownTable } from './markdown-table.ts';

type Measured = ResultFile['classes'][number];

/** What the accuracy run came to, as a page: by detector and class, then by variant, beside the peer. */
export function accuracyPage({ classes, clean }: ResultFile): string {
  const byDetector = [...Map.groupBy(classes, ({ detector }) => detector)].sort(([one], [other]) =>
    one.localeCompare(other),
  );
  const compared = classes.filter(({ peer }) => peer);
  return [
    '<!-- Written by `npm run generate` from accuracy.json; do not edit. -->',
    '# Accuracy',
    'How well the detectors find what is injected into real clips, as `npm run accuracy -- --media DIR --json ' +
      'docs/accuracy.json --peer ffmpeg` measured it. An event is found when an incident of its detector meets it; an ' +
      'incident that meets none is false, unless it lies where the clip is so by nature. What a viewer could not see or ' +
      'hear does not count. In brackets: between which bounds the figure lies with 95 % confidence, by a bootstrap over ' +
      'clips. Coverage: the share of the events’ seconds that incidents cover. Onset: by how many seconds incidents ' +
      'begin off, median and 95th percentile.',
    'Classes are run one by one, and events of pictures take far more time than those of sound: each row says how many it ' +
      'rests on, and the bounds how much they say. A class that has no row here has not been run for this page yet.',
    '## By detector',
    ...byDetector.flatMap(([detector, own]) => [`### \`${detector}\``, figures(own)]),
    ...(clean.length > 0
      ? ['## Where nothing is wrong', cleanText, cleanClips(clean), cleanDetectors(clean)]
      : []),
    ...(compared.length > 0 ? ['## Beside ffmpeg’s filters', peerText, peers(compared)] : []),
    '## By variant',
    markdownTable(
      ['class', 'variant', 'events', 'recall', 'coverage', 'false alarms'],
      classes.flatMap(variants),
    ),
    '## What the figures rest on',
    markdownTable(
      ['class', 'what is done', 'date', 'revision', 'clips', 'watched'],
      classes.map((own) => [own.class, own.description, ...restsOn(own), hours(own.tally.seconds)]),
    ),
    machines(classes.map(({ provenance }) => provenance)),
    '',
  ].join('\n\n');
}

/** The figures of a detector for its own page. */
export function detectorFigures({ classes }: ResultFile, detector: string): string {
  const own = classes.filter((result) => result.detector === detector);
  if (own.length === 0) return 'It has not been measured on injected defects yet.';
  return `${figures(own)}\n\nBy variant, and what they rest on: [accuracy](../accuracy.md).`;
}

function figures(classes: readonly Measured[]): string {
  return markdownTable(
    ['class', 'events', 'precision', 'recall', 'F1', 'coverage', 'onset, s', 'error'],
    classes.map(({ class: name, tally, quality, onset, error }) => [
      name,
      String(tally.events),
      estimate(quality.precision),
      estimate(quality.recall),
      estimate(quality.f1),
      estimate(quality.coverage),
      onset ? `${onset.median.toFixed(2)}, ${onset.p95.toFixed(2)}` : '–',
      error ? `${error.median.toPrecision(2)}, ${error.p95.toPrecision(2)} ${error.unit}` : '–',
    ]),
  );
}

const cleanText =
  'All detectors that are on by default watch clips in which nothing was damaged. Every incident is false, unless the ' +
  'labels say that the clip is so by nature or nobody can tell; those are counted beside it.';

function cleanClips(clean: ResultFile['clean']): string {
  return markdownTable(
    ['what', 'clips', 'watched', 'false alarms', 'an hour, at most (95 %)', 'excused'],
    clean.map(({ class: name, description, clips, seconds, falseAlarms, excused }) => [
      `${name}: ${description}`,
      String(clips),
      hours(seconds),
      counted(falseAlarms),
      (poissonUpperBound(total(falseAlarms)) / (seconds / 3600)).toFixed(1),
      counted(excused),
    ]),
  );
}

/** All clean classes together, by detector. */
function cleanDetectors(clean: ResultFile['clean']): string {
  const watched = clean.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
  const detectors = [...new Set(clean.flatMap(({ falseAlarms }) => Object.keys(falseAlarms)))].sort();
  const rows = detectors.map((detector) => {
    const count = clean.reduce((sum, { falseAlarms }) => sum + (falseAlarms[detector] ?? 0), 0);
    return [`\`${detector}\``, String(count), (poissonUpperBound(count) / watched).toFixed(2)];
  });
  const others = ['each of the others', '0', (poissonUpperBound(0) / watched).toFixed(2)];
  return markdownTable(['detector', 'false alarms', 'an hour, at most (95 %)'], [...rows, others]);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((one, other) => one + other, 0);
}

function counted(counts: Readonly<Record<string, number>>): string {
  const texts = Object.entries(counts).map(([detector, count]) => `\`${detector}\` ${count}`);
  return texts.length > 0 ? texts.join(', ') : 'none';
}

const peerText =
  'The same files through the filter that ffmpeg has for it, as it comes and under the one of many settings that has the ' +
  'best F1 on these very files: a choice that ours does not have. A filter that only scores (`blockdetect`, `blurdetect`, ' +
  '`signalstats`, `astats`, `ebur128`, `mpdecimate`) decides nothing as it comes: a first rule of ours stands there.';

function peers(classes: readonly Measured[]): string {
  const setting = ({ label, quality }: PeerSetting) => [
    label,
    estimate(quality.precision),
    estimate(quality.recall),
    estimate(quality.f1),
  ];
  return markdownTable(
    ['class', 'by', 'setting', 'precision', 'recall', 'F1'],
    classes.flatMap(({ class: name, detector, quality, peer }) => [
      [name, `\`${detector}\``, 'default', ...[quality.precision, quality.recall, quality.f1].map(estimate)],
      ...(peer
        ? [
            [name, peer.filter, ...setting(peer.defaults)],
            [name, peer.filter, ...setting(peer.best)],
          ]
        : []),
    ]),
  );
}

function variants({ class: name, variants: own }: ClassResult): string[][] {
  return Object.entries(own).map(([variant, tally]) => [
    name,
    variant,
    String(tally.events),
    ratio(tally.found, tally.events),
    ratio(tally.coveredSeconds, tally.eventSeconds),
    String(tally.falseAlarms),
  ]);
}

function restsOn({ provenance, clips }: Measured): string[] {
  return [provenance.date, `\`${provenance.revision}\``, String(Object.keys(clips).length)];
}

function machines(provenances: readonly Provenance[]): string {
  const texts = provenances.map(
    ({ ffmpeg, processor, lines, seed }) =>
      `ffmpeg ${ffmpeg} on ${processor}; clips scaled down to at most ${lines} lines; seed ${seed}`,
  );
  return `${[...new Set(texts)].join('. ')}. Figures do not depend on the speed of the machine.`;
}

function estimate(own: Estimate | undefined): string {
  if (!own) return '–';
  return `${own.value.toFixed(3)} (${own.low.toFixed(2)}–${own.high.toFixed(2)})`;
}

function ratio(part: Tally['found'], whole: number): string {
  return whole > 0 ? (part / whole).toFixed(3) : '–';
}

function hours(seconds: number): string {
  return `${(seconds / 3600).toFixed(1)} h`;
}
