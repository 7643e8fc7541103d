import { describe, expect, it } from 'vitest';
import {
  apiVersionOf,
  deployments,
  nodes,
  objectKey,
  pods,
  resourcePath,
} from '../../../operator/kube/resource.ts';

describe('paths of resources', () => {
  it.each([
    [resourcePath(pods), '/api/v1/pods'],
    [resourcePath(pods, 'live'), '/api/v1/namespaces/live/pods'],
    [resourcePath(pods, 'live', 'a', 'status'), '/api/v1/namespaces/live/pods/a/status'],
    [resourcePath(deployments, 'live', 'a'), '/apis/apps/v1/namespaces/live/deployments/a'],
    [resourcePath(nodes, undefined, 'a'), '/api/v1/nodes/a'],
    [resourcePath(nodes, 'ignored', 'a'), '/api/v1/nodes/a'],
    [resourcePath(pods, 'live', '../secrets'), '/api/v1/namespaces/live/pods/..%2Fsecrets'],
  ])('%s', (path, expected) => {
    expect(path).toBe(expected);
  });

  it('name versions and objects', () => {
    expect([apiVersionOf(pods), apiVersionOf(deployments)]).toEqual(['v1', 'apps/v1']);
    expect([objectKey('live', 'a'), objectKey(undefined, 'a')]).toEqual(['live/a', 'a']);
  });
});
