import type { IncomingMessage } from 'node:http';

/** Verbs as RBAC names them. */
export type ApiVerb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection';

/** One request to an API server. */
export interface ApiCall {
  /** Count of all calls, from 1. */
  readonly number: number;
  readonly verb: ApiVerb;
  /** Plural, with the subresource: `streammonitors/status`. Empty for discovery and health checks. */
  readonly resource: string;
  readonly namespace?: string;
  /** Absent for lists and creations. */
  readonly name?: string;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
  readonly isWrite: boolean;
  /** What was sent. */
  readonly body: string;
  /** Status that the client was sent; absent until then, and where it was sent none. */
  readonly code?: number;
  /** Status that the server answered with; absent where the call did not reach it. */
  readonly serverCode?: number;
}

const readingVerbs: readonly ApiVerb[] = ['get', 'list', 'watch'];
const verbOfMethod: Readonly<Record<string, ApiVerb>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };

/** Reads what a request asks for. Paths: https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export function readApiCall(number: number, request: IncomingMessage, body: string): ApiCall {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://server');
  const place = placeOf(pathname);
  const verb = verbOf(request.method ?? 'GET', searchParams, place.name !== undefined);
  return {
    number,
    verb,
    ...place,
    path: pathname,
    query: searchParams,
    userAgent: request.headers['user-agent'] ?? '',
    isWrite: !readingVerbs.includes(verb),
    body,
  };
}

function verbOf(method: string, query: URLSearchParams, named: boolean): ApiVerb {
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection';
  if (method !== 'GET') return verbOfMethod[method] ?? 'get';
  if (['1', 'true'].includes(query.get('watch') ?? '')) return 'watch';
  return named ? 'get' : 'list';
}

function placeOf(path: string): Pick<ApiCall, 'resource' | 'namespace' | 'name'> {
  // api/VERSION/… for the core group, apis/GROUP/VERSION/… for the others.
  const [root, ...segments] = path.split('/').filter(Boolean);
  const rest = root === 'api' ? segments.slice(1) : root === 'apis' ? segments.slice(2) : [];
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [resource = '', name, subresource] = namespaced ? rest.slice(2) : rest;
  return {
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(namespaced && { namespace: rest[1]! }),
    ...(name !== undefined && { name }),
  };
}
