/** A cluster with pods that really run, on this machine. */
export interface Cluster {
  /** What its node is. */
  readonly node: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Address of this machine at which pods reach what listens there. */
  readonly hostAddress: string;
  /** Range of the addresses of its pods. */
  readonly podRange: string;
  /** Puts an image on the node, from an archive as `docker save` writes it. */
  import(archive: string): Promise<void>;
  /** Whether its network enforces NetworkPolicies. */
  readonly enforcesPolicies: boolean;
  stop(): Promise<void>;
}
