import { closeSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceAccountName } from './control-plane.ts';

export interface AuditFiles {
  readonly policy: string;
  readonly log: string;
}

const writeVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection'];

export function auditFilesIn(directory: string): AuditFiles {
  return { policy: join(directory, 'audit.json'), log: join(directory, 'log', 'audit.log') };
}

/**
 * Has the API server note each write of the account, and nothing else.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
export async function writeAuditPolicy(
  directory: string,
  { namespace, name }: ServiceAccountName,
): Promise<void> {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      {
        level: 'Metadata',
        users: [`system:serviceaccount:${namespace}:${name}`],
        verbs: writeVerbs,
      },
      { level: 'None' },
    ],
  };
  // JSON is YAML.
  await writeFile(auditFilesIn(directory).policy, JSON.stringify(policy));
}

interface AuditEvent {
  readonly verb: string;
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
}

/** Writes that the API server has noted, refused ones included: they cost it as much. */
export class AuditLog {
  readonly #path: string;
  readonly #counts = new Map<string, number>();
  #offset = 0;
  #rest = Buffer.alloc(0);

  /** @param directory of a control plane that was started with `audited` */
  constructor(directory: string) {
    this.#path = auditFilesIn(directory).log;
  }

  /** So far, by what was written: `create configmaps`; with the status where it was refused. */
  counts(): ReadonlyMap<string, number> {
    for (const line of this.#newLines()) {
      const { verb, objectRef, responseStatus } = JSON.parse(line) as AuditEvent;
      const { resource = '', subresource } = objectRef ?? {};
      const { code = 0 } = responseStatus ?? {};
      const what = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
      const key = code >= 400 ? `${what}: ${code}` : what;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
    return new Map(this.#counts);
  }

  /** Whole lines alone: the server may be in the middle of one. */
  #newLines(): string[] {
    const file = openSync(this.#path, 'r');
    try {
      const chunk = Buffer.alloc(1024 * 1024);
      for (;;) {
        const length = readSync(file, chunk, 0, chunk.length, this.#offset);
        if (length === 0) break;
        this.#offset += length;
        this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, length)]);
      }
    } finally {
      closeSync(file);
    }
    const end = this.#rest.lastIndexOf(0x0a) + 1;
    const text = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end);
    return text.split('\n').filter(Boolean);
  }
}
