/** Kubernetes names, and streams with a rendition such as `channel-1@1080p`. */
const name = { type: 'string', pattern: '^[A-Za-z0-9]([-A-Za-z0-9.@_]{0,251}[A-Za-z0-9])?$' } as const;
const pictureName = { type: 'string', pattern: '^[A-Za-z0-9][-A-Za-z0-9.@_]{0,247}\\.jpe?g$' } as const;
const incidentId = { type: 'string', pattern: '^[A-Za-z0-9][-A-Za-z0-9]{0,63}$' } as const;

/** JSON Schemas of what stands in the paths of the page API: nothing that could lead elsewhere. */
export const pageParameters = {
  stream: { params: paramsOf({ namespace: name, monitor: name, name }) },
  thumbnail: { params: paramsOf({ namespace: name, monitor: name, file: pictureName }) },
  evidence: { params: paramsOf({ file: pictureName }) },
  incident: { params: paramsOf({ id: incidentId }) },
  tiles: {
    querystring: { type: 'object', properties: { since: { type: 'string', maxLength: 40 } } } as const,
  },
} as const;

export interface StreamParameters {
  readonly namespace: string;
  readonly monitor: string;
  readonly name: string;
}

export interface ThumbnailParameters {
  readonly namespace: string;
  readonly monitor: string;
  readonly file: string;
}

function paramsOf<P extends object>(properties: P) {
  return { type: 'object', properties, required: Object.keys(properties) } as const;
}
