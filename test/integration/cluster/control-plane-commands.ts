import { join } from 'node:path';
import type { AuditFiles } from './audit-log.ts';
import type { ClusterBinary } from './binaries.ts';
import type { CertificateFiles } from './certificates.ts';

interface Layout {
  readonly binaries: Readonly<Record<ClusterBinary, string>>;
  readonly directory: string;
  /** Where the API server listens. */
  readonly address: string;
  readonly ports: { readonly apiServer: number; readonly etcd: number; readonly etcdPeer: number };
  readonly audit?: AuditFiles;
  readonly pki: {
    readonly authority: CertificateFiles;
    readonly serving: CertificateFiles;
    /** Key pair that signs and checks the tokens of service accounts. */
    readonly accounts: CertificateFiles;
    readonly administrator: CertificateFiles;
  };
  readonly kubeconfigs: { readonly controllerManager: string; readonly scheduler: string };
}

export type ControlPlanePart = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

/** Addresses of Services; the API server's own is the first. */
export const serviceRange = '10.96.0.0/16';
/** What many objects at once need; the defaults are for clusters that are shared. */
const clientLimits = ['--kube-api-qps=500', '--kube-api-burst=1000'];

/** The command lines of a control plane. Options: https://kubernetes.io/docs/reference/command-line-tools-reference */
export function controlPlaneCommands({
  binaries,
  directory,
  address,
  ports,
  audit,
  pki,
  kubeconfigs,
}: Layout): Readonly<Record<ControlPlanePart, readonly string[]>> {
  const etcd = `http://127.0.0.1:${ports.etcd}`;
  const etcdPeer = `http://127.0.0.1:${ports.etcdPeer}`;
  return {
    etcd: [
      binaries.etcd,
      `--data-dir=${join(directory, 'etcd')}`,
      // Nothing here outlives the test.
      '--unsafe-no-fsync',
      '--log-level=warn',
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${etcdPeer}`,
      `--initial-advertise-peer-urls=${etcdPeer}`,
      `--initial-cluster=default=${etcdPeer}`,
    ],
    'kube-apiserver': [
      binaries['kube-apiserver'],
      `--etcd-servers=${etcd}`,
      `--bind-address=${address}`,
      `--advertise-address=${address}`,
      `--secure-port=${ports.apiServer}`,
      `--tls-cert-file=${pki.serving.certificate}`,
      `--tls-private-key-file=${pki.serving.key}`,
      `--client-ca-file=${pki.authority.certificate}`,
      // For logs and commands of pods, where a node has a kubelet.
      `--kubelet-certificate-authority=${pki.authority.certificate}`,
      `--kubelet-client-certificate=${pki.administrator.certificate}`,
      `--kubelet-client-key=${pki.administrator.key}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--authorization-mode=Node,RBAC',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${pki.accounts.certificate}`,
      `--service-account-signing-key-file=${pki.accounts.key}`,
      `--service-cluster-ip-range=${serviceRange}`,
      ...(audit ? [`--audit-policy-file=${audit.policy}`, `--audit-log-path=${audit.log}`] : []),
    ],
    'kube-controller-manager': [
      binaries['kube-controller-manager'],
      `--kubeconfig=${kubeconfigs.controllerManager}`,
      '--secure-port=0',
      '--leader-elect=false',
      '--use-service-account-credentials',
      `--service-account-private-key-file=${pki.accounts.key}`,
      `--root-ca-file=${pki.authority.certificate}`,
      ...clientLimits,
    ],
    'kube-scheduler': [
      binaries['kube-scheduler'],
      `--kubeconfig=${kubeconfigs.scheduler}`,
      '--secure-port=0',
      '--leader-elect=false',
      ...clientLimits,
    ],
  };
}
