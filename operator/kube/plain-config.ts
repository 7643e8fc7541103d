import { readFileSync } from 'node:fs';
import type { AgentOptions, RequestOptions } from 'node:https';
import type { Cluster, Context, DispatcherOptions, KubeConfig, User } from '@kubernetes/client-node';
import { clientLibrary } from './client-library.ts';

/** What a connection asks of a configuration: the library's own, or one that does without it. */
export type ClusterConfig = Pick<
  KubeConfig,
  | 'getCurrentCluster'
  | 'getCurrentUser'
  | 'getCurrentContext'
  | 'getContextObject'
  | 'applyToHTTPSOptions'
  | 'createDispatcherOptions'
>;

/** As client-go has it; load balancers close what is silent for 60 s. ms */
const keepAliveInitialDelay = 30_000;

/**
 * A cluster over TLS and an account that is a token, a file with one, or a certificate: that of each pod, and of many
 * kubeconfigs. Files are read each time, as tokens and certificates are rotated.
 */
export class PlainConfig implements ClusterConfig {
  readonly #cluster: Cluster;
  readonly #user: User;
  readonly #context: Context;

  constructor(cluster: Cluster, user: User, context: Context) {
    this.#cluster = cluster;
    this.#user = user;
    this.#context = context;
  }

  getCurrentCluster(): Cluster {
    return this.#cluster;
  }

  getCurrentUser(): User {
    return this.#user;
  }

  getCurrentContext(): string {
    return this.#context.name;
  }

  getContextObject(name: string): Context | null {
    return name === this.#context.name ? this.#context : null;
  }

  /** @throws Error of the file system when a file cannot be read */
  async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    const { caFile, caData, skipTLSVerify, tlsServerName } = this.#cluster;
    const { certFile, certData, keyFile, keyData } = this.#user;
    const parts = {
      ca: content(caFile, caData),
      cert: content(certFile, certData),
      key: content(keyFile, keyData),
    };
    Object.assign(options, Object.fromEntries(Object.entries(parts).filter(([, part]) => part)));
    if (skipTLSVerify) options.rejectUnauthorized = false;
    if (tlsServerName) options.servername = tlsServerName;
    const token = this.#token();
    if (token !== undefined) options.headers = { Authorization: `Bearer ${token}` };
  }

  createDispatcherOptions(_cluster: Cluster | null, options: AgentOptions): DispatcherOptions {
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const given = Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(
      ([, value]) => value !== undefined,
    );
    const connect = { ...Object.fromEntries(given), keepAlive: true, keepAliveInitialDelay };
    return { type: 'agent', connect } as DispatcherOptions;
  }

  /** The same for what the library does by itself. */
  inLibrary(): KubeConfig {
    const config = new (clientLibrary().KubeConfig)();
    config.loadFromOptions({
      clusters: [this.#cluster],
      users: [this.#user],
      contexts: [this.#context],
      currentContext: this.#context.name,
    });
    return config;
  }

  #token(): string | undefined {
    const tokenFile: unknown = this.#user.authProvider?.config?.tokenFile;
    return typeof tokenFile === 'string' ? readFileSync(tokenFile, 'utf8').trim() : this.#user.token;
  }
}

function content(file: string | undefined, base64: string | undefined): Buffer | undefined {
  if (file) return readFileSync(file);
  return base64 ? Buffer.from(base64, 'base64') : undefined;
}
