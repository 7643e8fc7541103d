import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { DetectorDefinition } from '../../monitor/detectors/contract.ts';
import { type InputKind, inputKinds } from '../../monitor/ingress/input-kinds.ts';
import { assumedVideo, declaredCost } from '../../operator/planner/cost.ts';
import { aspects, needOf, worksWith } from './detector-facts.ts';
import { markdownTable } from './markdown-table.ts';

/**
 * The page of all detectors: what each finds, needs and costs, and with which inputs it works.
 * @param pages types of those that have a page of their own
 */
export function detectorsPage(definitions: readonly DetectorDefinition[], pages: readonly string[]): string {
  const { height, frameRate } = assumedVideo;
  const format = `${height}p${frameRate}`;
  return [
    '<!-- Written by `npm run generate`; do not edit. -->',
    '# Detectors',
    'What each detector finds, what it needs, where it works and what it costs, as the code has it. Parameters and ' +
      'defaults of each kind: [the reference](../crds/generated/stream-monitor.md#detectors). One of your own: ' +
      '[writing a detector](writing-a-detector.md), or as a [module](custom-detectors.md).',
    `How they work, what they cannot, and how well they do: ${pages.map((type) => `[${type}](detectors/${type}.md)`).join(', ')}; all ` +
      'figures: [accuracy](accuracy.md).',
    '## What they find',
    markdownTable(
      ['detector', 'finds', 'kinds', 'severity', 'minimum duration', 'enabled'],
      definitions.map(({ manifest }) => [
        `\`${manifest.type}\``,
        manifest.description,
        kindsText(manifest),
        manifest.defaults.severity,
        manifest.defaults.minDuration,
        manifest.defaults.enabled ? 'yes' : 'no',
      ]),
    ),
    'A kind with a severity or minimum duration of its own has it in brackets.',
    '## What they need and cost',
    '● not without it; it says so as *unknown*. ○ used where it is there. Video is decoded at full size where it says ' +
      '“full”. A reference is one that the stream is given in `reference`.',
    markdownTable(
      ['detector', ...aspects, 'fixed', 'per megapixel', `at ${format}`],
      definitions.map((definition) => [
        `\`${definition.manifest.type}\``,
        ...aspects.map((aspect) => needText(definition, aspect)),
        String(definition.manifest.cost.fixed),
        String(definition.manifest.cost.perMegapixel),
        costAt(definition.manifest),
      ]),
    ),
    `Costs are declared, in ms of CPU per second of stream: a fixed part, and one per megapixel per second of the source’s ` +
      `pictures. Decoding a stream of ${format}, once for all of its detectors, is planned with ` +
      `${rounded(declaredCost(assumedVideo, [], {}))} ms. The planner begins with these figures and learns from what ` +
      'shards report.',
    '## Where they work',
    '● works. ◐ works by what is decoded alone, without evidence of packets and segments. – cannot tell, and says so. ' +
      'A name: with that form of the input alone.',
    markdownTable(
      ['detector', ...inputKinds.map(({ title }) => title)],
      definitions.map((definition) => [
        `\`${definition.manifest.type}\``,
        ...inputKinds.map((input) => inputText(definition, input)),
      ]),
    ),
    'Each of them judges what the stream has: a detector of sound cannot tell of a stream without sound, wherever it ' +
      'comes from. A file is a transport stream, a playlist with its segments, or anything else that ffmpeg reads.',
    '',
  ].join('\n\n');
}

function kindsText({ kinds, defaults }: DetectorManifest): string {
  return Object.entries(kinds)
    .map(([kind, { severity, minDuration }]) => {
      const own = [
        ...(severity !== undefined && severity !== defaults.severity ? [severity] : []),
        ...(minDuration !== undefined && minDuration !== defaults.minDuration ? [minDuration] : []),
      ];
      return `\`${kind}\`${own.length > 0 ? ` (${own.join(', ')})` : ''}`;
    })
    .join(', ');
}

function needText(definition: DetectorDefinition, aspect: (typeof aspects)[number]): string {
  const need = needOf(definition, aspect);
  const full = aspect === 'video' && definition.manifest.needs.includes('native') ? ' full' : '';
  return need === undefined ? '' : `${need === 'needed' ? '●' : '○'}${full}`;
}

function costAt(manifest: DetectorManifest): string {
  const { type, cost } = manifest;
  const costs = { [type]: cost };
  return rounded(declaredCost(assumedVideo, [type], costs) - declaredCost(assumedVideo, [], costs));
}

function inputText(definition: DetectorDefinition, input: InputKind): string {
  const { works, withLess } = worksWith(definition, input);
  if (works.length === 0) return '–';
  if (works.length < input.forms.length) return works.map(({ name }) => name).join(', ');
  if (withLess.length === 0) return '●';
  return withLess.length === works.length ? '◐' : `● (${withLess.map(({ name }) => name).join(', ')}: ◐)`;
}

function rounded(milliseconds: number): string {
  return String(Number(milliseconds.toPrecision(2)));
}
