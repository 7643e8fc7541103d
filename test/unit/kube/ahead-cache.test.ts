import { beforeEach, describe, expect, it } from 'vitest';
import { AheadCache } from '../../../operator/kube/ahead-cache.ts';
import { ObjectCache } from '../../../operator/kube/object-cache.ts';
import { type KubeObject, objectKey } from '../../../operator/kube/resource.ts';

function object(name: string, uid: string, version: number): KubeObject {
  return { metadata: { namespace: 'live', name, uid, resourceVersion: String(version) } };
}

let seen: ObjectCache<KubeObject>;
let cache: AheadCache<KubeObject>;

beforeEach(() => {
  seen = new ObjectCache();
  cache = new AheadCache({
    get: (namespace, name) => seen.get(objectKey(namespace, name)),
    list: (namespace) => seen.values(namespace),
  });
});

/** As the watch tells it. */
function end(gone: KubeObject): void {
  seen.remove(gone);
  cache.gone(gone);
}

function versions(): string[] {
  return cache.list('live').map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
}

describe('a copy with own writes in it', () => {
  it('has what was written before the watch tells of it, and what the watch tells once that is as new', () => {
    cache.written(object('a', '1', 10));
    expect(versions()).toEqual(['a@10']);
    seen.put(object('a', '1', 9));
    expect(versions()).toEqual(['a@10']);
    seen.put(object('a', '1', 12));
    expect(versions()).toEqual(['a@12']);
  });

  it('lacks what was deleted before the watch tells of it, and has what comes after under its name', () => {
    seen.put(object('a', '1', 10));
    cache.deleted(object('a', '1', 10));
    expect(versions()).toEqual([]);
    seen.put(object('a', '2', 14));
    expect(versions()).toEqual(['a@14']);
  });

  it('drops what was written to an object whose end is told', () => {
    cache.written(object('a', '1', 10));
    end(object('a', '1', 11));
    expect(versions()).toEqual([]);
  });

  it('does not bring back an object whose end was told before the answer to a write', () => {
    seen.put(object('a', '1', 9));
    end(object('a', '1', 11));
    cache.written(object('a', '1', 10));
    expect(versions()).toEqual([]);
    expect(cache.get('live', 'a')).toBeUndefined();
  });

  it('keeps its writes to an object that it lost sight of and sees again', () => {
    seen.put(object('a', '1', 9));
    end(object('a', '1', 10));
    seen.put(object('a', '1', 11));
    cache.written(object('a', '1', 12));
    expect(versions()).toEqual(['a@12']);
  });

  it('knows its own writes when the watch brings them back, and those of others', () => {
    cache.written(object('a', '1', 10));
    expect(cache.isOwn(object('a', '1', 9))).toBe(true);
    expect(cache.isOwn(object('a', '1', 10))).toBe(true);
    expect(cache.isOwn(object('a', '1', 11))).toBe(false);
    expect(cache.isOwn(object('b', '2', 10))).toBe(false);
  });
});
