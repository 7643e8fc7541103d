import { z } from 'zod';
import { cel, dnsSubdomain } from './fields.ts';
import { labelKey, labelMap, labelMapOf } from './label-map.ts';
import { quantity, quantityValue } from './quantity.ts';

const toleration = z
  .strictObject({
    key: labelKey()
      .optional()
      .describe('Taint that is tolerated; every taint without, with operator: Exists.'),
    operator: z.enum(['Exists', 'Equal']).optional().describe('Whether value counts. Equal without.'),
    value: z.string().max(63).optional().describe('Value of the taint, with operator: Equal.'),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .optional()
      .describe('Effect of the taint; all effects without.'),
    tolerationSeconds: z
      .number()
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .describe('How long a taint with effect NoExecute is tolerated, in seconds; for ever without.'),
  })
  .superRefine(({ key, operator, value, effect, tolerationSeconds }, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (key === undefined && operator !== 'Exists') issue('operator', 'must be Exists where no key is given');
    if (value && operator === 'Exists')
      issue('value', 'is ignored with operator: Exists; remove one of them');
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      issue('effect', 'must be NoExecute where tolerationSeconds is given');
  })
  .meta(
    cel(
      {
        rule: "has(self.key) || (has(self.operator) && self.operator == 'Exists')",
        message: 'operator must be Exists where no key is given',
      },
      {
        rule: "!has(self.value) || self.value == '' || !has(self.operator) || self.operator != 'Exists'",
        message: 'value is ignored with operator: Exists; remove one of them',
      },
      {
        rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
        message: 'effect must be NoExecute where tolerationSeconds is given',
      },
    ),
  );

const topologySpreadConstraint = z.strictObject({
  maxSkew: z.number().int().min(1).max(1000).describe('Most pods that one domain may have above another.'),
  topologyKey: labelKey().describe(
    'Label of nodes whose value is the domain, such as topology.kubernetes.io/zone.',
  ),
  whenUnsatisfiable: z
    .enum(['DoNotSchedule', 'ScheduleAnyway'])
    .describe('Whether a pod waits, or comes up all the same.'),
});

const amounts = () =>
  z.strictObject({
    cpu: quantity('50m', '256').optional().describe('Cores, such as 500m or 2.'),
    memory: quantity('128Mi', '4Ti').optional().describe('Bytes, such as 2Gi.'),
  });

const resources = z
  .strictObject({
    requests: amounts()
      .optional()
      .describe('What a pod is sure to get. cpu is also how much work one shard is given.'),
    limits: amounts()
      .optional()
      .describe('What a pod can use at most. cpu: no limit without. memory: the requested amount without.'),
  })
  .superRefine(({ requests = {}, limits = {} }, context) => {
    for (const resource of ['cpu', 'memory'] as const) {
      const [request, limit] = [requests[resource], limits[resource]];
      if (request === undefined || limit === undefined || quantityValue(request) <= quantityValue(limit))
        continue;
      const message = `is below requests.${resource}`;
      context.addIssue({ code: 'custom', path: ['limits', resource], message });
    }
  })
  .meta(
    cel(
      ...['cpu', 'memory'].map((resource) => ({
        rule:
          `!has(self.requests) || !has(self.limits) || !has(self.requests.${resource}) || ` +
          `!has(self.limits.${resource}) || quantity(string(self.limits.${resource}))` +
          `.compareTo(quantity(string(self.requests.${resource}))) >= 0`,
        message: `limits.${resource} is below requests.${resource}`,
      })),
    ),
  );

/** `spec.podTemplate`: what a user may say of the pods that watch the streams, in the words of a PodSpec. */
export const podTemplateSchema = z.strictObject({
  annotations: labelMapOf(z.string().max(4096), 32)
    .optional()
    .describe('Annotations of the pods. Not those of streammonitor.dev.'),
  labels: labelMap(32)
    .optional()
    .describe('Labels of the pods. Not those of streammonitor.dev, and not those that name the application.'),
  nodeSelector: labelMap(32, false).optional().describe('Labels that a node must have.'),
  tolerations: z
    .array(toleration)
    .max(16)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Taints of nodes that the pods tolerate.'),
  topologySpreadConstraints: z
    .array(topologySpreadConstraint)
    .max(8)
    .superRefine((constraints, context) => {
      const key = (index: number) =>
        `${constraints[index]!.topologyKey} ${constraints[index]!.whenUnsatisfiable}`;
      for (const index of constraints.keys()) {
        if (!constraints.slice(0, index).some((_, earlier) => key(earlier) === key(index))) continue;
        const message = 'stands twice with the same whenUnsatisfiable; keep one';
        context.addIssue({ code: 'custom', path: [index, 'topologyKey'], message });
      }
    })
    .optional()
    .meta({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['topologyKey', 'whenUnsatisfiable'],
    })
    .describe(
      'How the pods of one pool are spread over nodes. The pods of the pool are what is counted: there is no ' +
        'labelSelector. Over nodes where possible, without.',
    ),
  priorityClassName: dnsSubdomain('a PriorityClass, such as live-video')
    .optional()
    .describe('Priority of the pods.'),
  serviceAccountName: dnsSubdomain('a ServiceAccount, such as results-writer')
    .optional()
    .describe(
      'Account of the pods, for the identity that a cloud gives it. No token of the Kubernetes API is mounted.',
    ),
  resources: resources.optional().describe('CPU and memory of one pod. Those of the installation without.'),
});
