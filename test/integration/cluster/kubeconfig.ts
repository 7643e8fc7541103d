import { writeFile } from 'node:fs/promises';
import type { Certificate } from './certificates.ts';

/** Who a kubeconfig speaks as. */
export type KubeconfigUser = Certificate | { readonly token: string };

/** Writes a kubeconfig with one context. JSON is YAML, which is what Kubernetes clients read. */
export async function writeKubeconfig(
  path: string,
  {
    server,
    authority,
    user,
    namespace,
  }: { server: string; authority: string; user: KubeconfigUser; namespace?: string },
): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: 'test', user: credentials(user) }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...(namespace && { namespace }) } }],
  };
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

function credentials(user: KubeconfigUser): Record<string, string> {
  if ('token' in user) return user;
  return { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
