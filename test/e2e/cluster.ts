/** A cluster with pods that really run, on this machine. */
export interface Cluster {
  /** What its nodes are, in words. Pods run on two of them at least. */
  readonly description: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Address of this machine at which pods reach what listens there. */
  readonly hostAddress: string;
  /** Range that its nodes are in, the API server's among them. CIDR. */
  readonly nodeRange: string;
  /** By the name of a node, the `ctr` that reaches its images and containers: words that arguments follow. */
  readonly ctr: Readonly<Record<string, readonly string[]>>;
  /** Puts an image on every node, from an archive as `docker save` writes it. */
  import(archive: string): Promise<void>;
  /** Gives an image on the nodes a further name. */
  tag(image: string, name: string): Promise<void>;
  stop(): Promise<void>;
}
