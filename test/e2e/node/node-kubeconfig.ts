import { join } from 'node:path';
import { type CertificateFiles, readCertificate } from '../../integration/cluster/certificates.ts';
import type { ControlPlane } from '../../integration/cluster/control-plane.ts';
import { writeKubeconfig } from '../../integration/cluster/kubeconfig.ts';
import { machinePaths } from './node-layout.ts';

/** Writes a kubeconfig for a part of a node, with a certificate for `subject`. Its path. */
export async function nodeKubeconfig(plane: ControlPlane, name: string, subject: string): Promise<string> {
  return kubeconfigWith(plane, name, await plane.authority.issue(name, subject));
}

/** The same with a certificate that it has. */
export async function kubeconfigWith(
  plane: ControlPlane,
  name: string,
  certificate: CertificateFiles,
): Promise<string> {
  const path = join(machinePaths.state, `${name}.kubeconfig`);
  const authority = await plane.authority.certificate();
  const user = await readCertificate(certificate);
  await writeKubeconfig(path, { server: plane.server, authority, user });
  return path;
}
