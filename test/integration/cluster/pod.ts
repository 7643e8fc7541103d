import type { ClusterObject } from './object-watch.ts';

/** What the test bed reads of a Pod. */
export interface Pod extends ClusterObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly containers: readonly [Container, ...Container[]];
    readonly volumes?: readonly Volume[];
  };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly readinessProbe?: { readonly httpGet?: { readonly path: string; readonly port: number | string } };
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean };
}

/** The first port of a container, 8080 where it names none. */
export function portOf({ ports }: Container): number {
  return ports?.[0]?.containerPort ?? 8080;
}

/** Name of the ConfigMap that a shard's pod mounts as its assignment. */
export function assignmentConfigMapOf({ spec }: Pod): string | undefined {
  return spec.volumes?.find(({ name }) => name === 'assignment')?.configMap?.name;
}
