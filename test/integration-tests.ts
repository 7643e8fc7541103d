/**
 * Integration tests that need a Kubernetes control plane. They are a project of their own, since the others can run while
 * that is still being built.
 */
export const clusterTests = filesOf([
  'cluster',
  'custom-resource',
  'fault-proxy',
  'faults',
  'kube-*',
  'operator*',
  'pod-processes',
  'prometheus',
  'resources',
  'simulated-shards',
]);

/** Those that need Helm as well, which is built last. */
export const chartTests = filesOf(['chart*']);

/**
 * Those that keep a processor or more busy (encoders, decoders of many streams, browsers, compilers), or that would take
 * a short lack of it for a fault of the stream. Each runs alone; all others wait most of their time, and run side by side.
 */
export const busyTests = filesOf([
  'accuracy',
  'custom-detectors',
  'expect-slates',
  'fuzz',
  'hostile-shard',
  'media-formats',
  'new-detector',
  'overload',
  'page',
  'page-views',
  'planted-secrets',
  'probe-defects',
  'probe-live',
  'probe-process',
  'reference',
  'run',
  'ssrf',
]);

/** The same of those that need a control plane: hundreds of shards, many operators, many monitors. */
export const busyClusterTests = filesOf([
  'faults',
  'operator-api-faults',
  'operator-balance',
  'operator-killed',
  'operator-leaders',
  'operator-moves',
  'operator-scale',
  'operator-stale-views',
]);

function filesOf(names: readonly string[]): string[] {
  return names.map((name) => `test/integration/${name}.test.ts`);
}
