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

function filesOf(names: readonly string[]): string[] {
  return names.map((name) => `test/integration/${name}.test.ts`);
}
