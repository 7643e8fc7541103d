import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The catalogue is made from the detectors' manifests, so these read them: the only way from crds to monitor. */
const exempt = new Set(['crds/build/detector-manifests.ts']);
/** Modules that load others by a computed name: detectors register by their file alone. */
const computedImports = new Set([
  'crds/build/detector-manifests.ts',
  'monitor/watch/detector-registry.ts',
  'monitor/modules/module-thread.ts',
]);
/** Reads its own compiled code while it is loaded, as an `import` of it would, and nothing after that. */
const loadsItsCode = 'monitor/kernels/luma-kernels.ts';

const pureFolders = [
  'operator/planner/',
  'operator/resources/',
  'operator/cost/',
  'monitor/detectors/',
  'monitor/incidents/',
  'monitor/reference/',
  'monitor/expectations/',
];
const impureModules =
  /^(node:)?(fs|net|http|https|http2|tls|dns|dgram|child_process|worker_threads|cluster|timers|process)(\/|$)|^(undici|fastify|pino|sharp|fluent-ffmpeg|@aws-sdk\/.*)$/;
const clockOrTimer =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.|\bhrtime\b|\bset(Timeout|Interval|Immediate)\(/;

interface SourceModule {
  readonly path: string;
  readonly code: string;
  /** Specifiers as written; `runtime` ones are loaded, the others are types alone. */
  readonly imports: readonly { readonly specifier: string; readonly runtime: boolean }[];
  readonly computed: boolean;
}

const modules = new Map(
  ['bin', 'cli', 'crds', 'operator', 'monitor'].flatMap(sourceFiles).map((path) => [path, readModule(path)]),
);

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js|mjs)$/.test(name) && !name.startsWith('kernels/assembly/'))
    .map((name) => join(folder, name));
}

function readModule(path: string): SourceModule {
  const code = withoutComments(readFileSync(join(root, path), 'utf8'));
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm,
  );
  const dynamic = code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return {
    path,
    code,
    imports: [
      ...[...statements].map(([, type, specifier]) => ({
        specifier: specifier!,
        runtime: type === undefined,
      })),
      ...[...dynamic].map(([, specifier]) => ({ specifier: specifier!, runtime: true })),
    ],
    computed: /\bimport\(\s*[^'"\s]/.test(code),
  };
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

/** Path from the root of a relative import; undefined for packages. */
function target(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? relative(root, join(root, dirname(from), specifier)) : undefined;
}

function importsInto(folder: string, into: readonly string[]): string[] {
  const wrong: string[] = [];
  for (const { path, imports } of modules.values()) {
    if (!path.startsWith(folder) || exempt.has(path)) continue;
    for (const { specifier } of imports) {
      if (into.some((other) => target(path, specifier)?.startsWith(other)))
        wrong.push(`${path} → ${specifier}`);
    }
  }
  return wrong;
}

/** Chains of runtime imports that lead from a module to one that does I/O. */
function waysToImpurity(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path) || path === loadsItsCode) return [];
  seen.add(path);
  return (modules.get(path)?.imports ?? [])
    .filter(({ runtime }) => runtime)
    .flatMap(({ specifier }) => {
      const next = target(path, specifier);
      if (next === undefined) return impureModules.test(specifier) ? [`${path} → ${specifier}`] : [];
      return waysToImpurity(next, seen).map((way) => `${path} → ${way}`);
    });
}

describe('imports', () => {
  it('are found', () => {
    expect(modules.size).toBeGreaterThan(20);
    expect(modules.get('crds/assignment.ts')?.imports).toContainEqual({ specifier: 'zod', runtime: true });
    for (const path of [...exempt, ...computedImports, loadsItsCode])
      expect(modules.has(path), path).toBe(true);
  });

  it('lead from operator and monitor to cli and crds, and never back or across', () => {
    expect(importsInto('crds/', ['operator/', 'monitor/', 'cli/', 'bin/'])).toEqual([]);
    expect(importsInto('cli/', ['operator/', 'monitor/', 'bin/'])).toEqual([]);
    expect(importsInto('operator/', ['monitor/', 'bin/'])).toEqual([]);
    expect(importsInto('monitor/', ['operator/', 'bin/'])).toEqual([]);
  });

  it('of what puts the sinks of a shard together are made by commands alone', () => {
    const wrong = importsInto('monitor/', ['monitor/shard/']);
    expect(wrong.filter((path) => !/^monitor\/(shard|commands)\//.test(path))).toEqual([]);
  });

  it('are computed at run time in the detector registries alone', () => {
    const computed = [...modules.values()].filter((module) => module.computed).map(({ path }) => path);
    expect(computed.filter((path) => !computedImports.has(path))).toEqual([]);
  });
});

describe('planner, resources, cost, detectors and incidents', () => {
  const pure = [...modules.values()].filter(({ path }) =>
    pureFolders.some((folder) => path.startsWith(folder)),
  );

  it('do no I/O, not even through what they import', () => {
    expect(pure.flatMap(({ path }) => waysToImpurity(path))).toEqual([]);
  });

  it('read no clock and set no timer', () => {
    expect(pure.filter(({ code }) => clockOrTimer.test(code)).map(({ path }) => path)).toEqual([]);
  });
});
