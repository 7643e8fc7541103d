import { z } from 'zod';
import type { Fields } from './kubeconfig-file.ts';
import { PlainConfig } from './plain-config.ts';

/** One context of a kubeconfig, with what it names. */
export interface ChosenContext {
  readonly name: string;
  readonly context: Fields;
  readonly cluster: Fields;
  readonly user: Fields;
}

const text = z.string().optional();
const plainCluster = z.strictObject({
  server: z.url({ protocol: /^https$/ }),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text,
});
const plainUser = z.strictObject({
  token: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  'auth-provider': z
    .strictObject({ name: z.literal('tokenFile'), config: z.strictObject({ tokenFile: z.string() }) })
    .optional(),
});

function told<K extends string>(field: string | undefined, key: K): { [P in K]?: string } {
  return (field === undefined ? {} : { [key]: field }) as { [P in K]?: string };
}

/** Undefined for what takes the library: plugins, proxies, passwords, impersonation, and what is wrong. */
export function plainConfig({ name, context, cluster, user }: ChosenContext): PlainConfig | undefined {
  const [ofCluster, ofUser] = [plainCluster.safeParse(cluster), plainUser.safeParse(user)];
  if (!ofCluster.success || !ofUser.success) return undefined;
  const { namespace } = context;
  const { data: c } = ofCluster;
  const { data: u } = ofUser;
  return new PlainConfig(
    {
      name: String(context.cluster),
      server: c.server,
      skipTLSVerify: c['insecure-skip-tls-verify'] ?? false,
      ...told(c['certificate-authority'], 'caFile'),
      ...told(c['certificate-authority-data'], 'caData'),
      ...told(c['tls-server-name'], 'tlsServerName'),
    },
    {
      name: String(context.user),
      ...told(u.token, 'token'),
      ...told(u['client-certificate'], 'certFile'),
      ...told(u['client-certificate-data'], 'certData'),
      ...told(u['client-key'], 'keyFile'),
      ...told(u['client-key-data'], 'keyData'),
      ...(u['auth-provider'] && { authProvider: u['auth-provider'] }),
    },
    {
      name,
      cluster: String(context.cluster),
      user: String(context.user),
      ...(typeof namespace === 'string' && { namespace }),
    },
  );
}
