/**
 * Integration tests that need a Kubernetes control plane or Helm. They are a project of their own, since the others can
 * run while those are still being built.
 */
export const clusterTests = [
  'chart*',
  'cluster',
  'custom-resource',
  'fault-proxy',
  'kube-*',
  'operator*',
  'pod-processes',
  'prometheus',
  'resources',
  'simulated-shards',
].map((name) => `test/integration/${name}.test.ts`);
