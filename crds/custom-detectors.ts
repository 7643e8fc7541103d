import { z } from 'zod';
import { severities } from './detector-manifest.ts';
import { cel, dnsLabel, dnsSubdomain, duration } from './fields.ts';

/** Most modules that one StreamMonitor may name: each is a volume of every pod that watches its streams. */
export const maxModules = 8;
/** Most parameters of one module's detector. */
const maxParameters = 32;

/** One entry of `spec.detectors.custom`. @param builtIn types of the detectors that come with StreamMonitor */
export function customDetectorSchema(builtIn: readonly string[]) {
  const taken = 'is the name of a built-in detector; choose another';
  return z
    .strictObject({
      name: dnsLabel()
        .refine((name) => !builtIn.includes(name), { error: taken })
        .meta(cel({ rule: `!(self in ${JSON.stringify(builtIn).replaceAll('"', "'")})`, message: taken }))
        .describe('Name of the detector in metrics, results and on the page.'),
      module: dnsSubdomain('a ConfigMap, such as logo-detector').describe(
        'ConfigMap in the namespace of the StreamMonitor whose key detector.mjs holds the module.',
      ),
      enabled: z.boolean().optional().describe('Whether the detector runs. Default: true.'),
      severity: z
        .enum(severities)
        .optional()
        .describe("Severity of its incidents. Default: that of the module's manifest."),
      minDuration: duration('0s', '1h')
        .optional()
        .describe("A defect shorter than this opens no incident. Default: that of the module's manifest."),
      mergeGap: duration('0s', '1h')
        .optional()
        .describe('Defects of one kind closer together than this are one incident. Default: 5s.'),
      parameters: z
        .record(z.string(), z.union([z.number(), z.boolean(), z.string().max(256)]))
        .refine((parameters) => Object.keys(parameters).length <= maxParameters, {
          error: `has more than ${maxParameters} entries`,
        })
        .optional()
        .meta({ maxProperties: maxParameters, 'x-kubernetes-preserve-unknown-fields': true })
        .describe("Parameters as the module's manifest declares them; the pod checks them."),
    })
    .describe('A detector of somebody else, mounted into the pods.');
}

/** `spec.detectors.custom`. @param builtIn types of the detectors that come with StreamMonitor */
export function customDetectorsSchema(builtIn: readonly string[]) {
  return z
    .array(customDetectorSchema(builtIn))
    .max(maxModules, { error: `has more than ${maxModules} entries` })
    .superRefine((entries, context) => {
      for (const [index, { name }] of entries.entries()) {
        const first = entries.findIndex((entry) => entry.name === name);
        if (first === index) continue;
        const message = `"${name}" is already the name of custom[${first}]; names must differ`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
    })
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe(
      'Detectors of somebody else: modules in ConfigMaps, each run in a thread of its own beside the built-in ones.',
    );
}

/** A detector of a module as a user asks for it; durations as text. */
export type CustomDetector = z.output<ReturnType<typeof customDetectorSchema>>;

/** Those that run, in the order of their names. */
export function enabledCustomDetectors(custom: readonly CustomDetector[] = []): CustomDetector[] {
  return custom.filter(({ enabled }) => enabled !== false).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names of the modules that pods need to mount, sorted. */
export function moduleNamesOf(custom: readonly CustomDetector[] | undefined): string[] {
  return [...new Set(enabledCustomDetectors(custom).map(({ module }) => module))].sort();
}
