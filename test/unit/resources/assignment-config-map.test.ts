import { describe, expect, it } from 'vitest';
import { parseAssignment } from '../../../crds/assignment.ts';
import {
  assignmentConfigMap,
  readAssignmentConfigMap,
} from '../../../operator/resources/assignment-config-map.ts';

const assignment = parseAssignment({
  apiVersion: 'shards.streammonitor.dev/v1alpha1',
  kind: 'Assignment',
  shard: 'smon-0123456789-0',
  generation: 7,
  monitors: { 'live/sports': { namespace: 'live', name: 'sports', detectors: {} } },
  streams: [
    { monitor: 'live/sports', name: 'a', url: 'https://origin.example/?token=hunter2', detectors: ['black'] },
  ],
});
const configMap = assignmentConfigMap('smon-0123456789', assignment, [], 'live');

describe('the ConfigMap of an assignment', () => {
  it('is read as it was written, each URL verbatim', () => {
    expect(readAssignmentConfigMap(configMap)).toEqual({ pool: 'smon-0123456789', assignment });
    expect(configMap.data['assignment.json']).toContain('"https://origin.example/?token=hunter2"');
  });

  const text = configMap.data['assignment.json']!;
  it.each([
    ['labels', { metadata: { name: 'smon-0123456789-0' } }, 'has no label streammonitor.dev/pool'],
    ['data', { data: undefined }, 'has no key assignment.json'],
    ['key', { data: { 'other.json': text } }, 'has no key assignment.json'],
    ['JSON', { data: { 'assignment.json': text.slice(0, -9) } }, 'assignment.json: is not JSON'],
    ['assignment', { data: { 'assignment.json': '{}' } }, 'assignment.json: assignment: '],
    [
      'shard',
      { metadata: { ...configMap.metadata, name: 'smon-0123456789-1' } },
      'holds the assignment of smon-0123456789-0',
    ],
  ])('is refused with a wrong %s, by name and without what stands in it', (_, change, problem) => {
    const { metadata, data } = { ...configMap, ...change };
    const wrong = { metadata, ...(data && { data }) };
    expect(() => readAssignmentConfigMap(wrong)).toThrow(`ConfigMap ${metadata.name}: ${problem}`);
    expect(() => readAssignmentConfigMap(wrong)).not.toThrow('hunter2');
  });
});
