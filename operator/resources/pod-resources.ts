import type { V1ResourceRequirements } from '@kubernetes/client-node';
import { bytesQuantity, coresQuantity, quantityValue } from '../../crds/quantity.ts';
import type { PodInstallation } from './pod-installation.ts';
import type { UserPodTemplate } from './pod-pool.ts';

/**
 * What a pod asks for and may use: the user's figures, else those of the installation. As in Kubernetes, a limit alone
 * is also what is asked for. Memory always has a limit, CPU only where the user sets one: throttled decoding is blind.
 */
export function podResources(
  asked: UserPodTemplate['resources'],
  { cpu, memory }: Pick<PodInstallation, 'cpu' | 'memory'>,
): V1ResourceRequirements {
  const { requests = {}, limits = {} } = asked ?? {};
  const memoryRequest = requests.memory ?? limits.memory ?? memory;
  return {
    requests: {
      cpu: cores(requests.cpu ?? limits.cpu ?? `${cpu}m`),
      memory: bytes(memoryRequest),
    },
    limits: {
      ...(limits.cpu !== undefined && { cpu: cores(limits.cpu) }),
      memory: bytes(limits.memory ?? memoryRequest),
    },
  };
}

// As the API server gives them back, so that what is wanted and what is there compare equal.
const cores = (quantity: string | number) => coresQuantity(quantityValue(quantity));
const bytes = (quantity: string | number) => bytesQuantity(quantityValue(quantity));
