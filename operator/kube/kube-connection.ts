import { createHash } from 'node:crypto';
import type { AgentOptions, RequestOptions } from 'node:https';
import type { DispatcherOptions, KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import { KubeError } from './kube-error.ts';
import { type ClusterConfig, PlainConfig } from './plain-config.ts';

/** What a request needs beside its own parts. */
export interface Authorisation {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
  /** Counts the times that the configuration was loaded. */
  readonly load: number;
}

/** How long certificates and tokens are used before they are looked at again; ms. Reading them reads files. */
const credentialAge = 10_000;
/** Least time between two times that refused credentials are loaded anew; ms. */
const reloadInterval = 5_000;
/** The API server closes connections that are idle for 90 s; ms. */
const keepAliveTimeout = 30_000;
const connectTimeout = 10_000;

/**
 * A cluster and an account on it. All requests share the connections of one dispatcher, which another one follows
 * when certificates or tokens change: what runs on the old one is finished there.
 */
export class KubeConnection {
  readonly #load: () => ClusterConfig;
  #config: ClusterConfig;
  #loads = 1;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #authorisation: (Authorisation & { readonly fingerprint: string }) | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<Authorisation> | undefined;
  #closed = false;

  /**
   * @param load reads the configuration; called again when the server refuses the credentials
   * @throws what `load` throws, and Error when the server's address is unusable
   */
  constructor(load: () => ClusterConfig) {
    this.#load = load;
    this.#config = load();
    const { protocol } = new URL(this.server);
    if (protocol !== 'https:' && protocol !== 'http:') {
      throw new Error(`the cluster's server must be an http or https URL, it is ${protocol}//…`);
    }
  }

  /** As it was loaded last, for what the library does by itself. */
  get config(): KubeConfig {
    return this.#config instanceof PlainConfig ? this.#config.inLibrary() : (this.#config as KubeConfig);
  }

  /** URL of the API server. */
  get server(): string {
    return this.#config.getCurrentCluster()!.server;
  }

  /** The namespace of the context or of the pod, `default` otherwise. */
  get namespace(): string {
    return this.#config.getContextObject(this.#config.getCurrentContext())?.namespace || 'default';
  }

  /**
   * Dispatcher and headers for a request that is made now. They are not to be kept.
   * @throws KubeError `Unauthorized` when there are no credentials to be had, `Network` when it was closed
   */
  async authorise(): Promise<Authorisation> {
    if (this.#closed) throw new KubeError('Network', 'the connection to the API server was closed');
    const fresh = performance.now() - this.#checkedAt < credentialAge;
    if (this.#authorisation && fresh) return this.#authorisation;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /**
   * Says that the server refused the credentials.
   * @returns whether others are there by now, so that the request is worth another try
   */
  refused(used: Authorisation): boolean {
    if (this.#loads > used.load) return true;
    const now = performance.now();
    if (now - this.#loadedAt < reloadInterval) return false;
    this.#loadedAt = now;
    try {
      this.#config = this.#load();
    } catch {
      // The file is being written, or gone: what was loaded last stays in use.
      return false;
    }
    this.#loads++;
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    return true;
  }

  /** Ends all connections, and with them the requests that still run. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#authorisation?.dispatcher.destroy();
  }

  async #check(): Promise<Authorisation> {
    const load = this.#loads;
    const options = await this.#httpsOptions();
    const settings = this.#config.createDispatcherOptions(
      this.#config.getCurrentCluster(),
      options as AgentOptions,
    );
    const headers = headersOf(options);
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([settings, headers]))
      .digest('hex');
    const previous = this.#authorisation;
    const isSame = previous?.fingerprint === fingerprint;
    const dispatcher = isSame ? previous.dispatcher : createDispatcher(settings);
    if (!isSame) void previous?.dispatcher.close();
    this.#authorisation = { dispatcher, headers, load, fingerprint };
    if (load === this.#loads) this.#checkedAt = performance.now();
    if (this.#closed) await this.close();
    return this.#authorisation;
  }

  async #httpsOptions(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new KubeError('Unauthorized', this.#credentialFailure(error as NodeJS.ErrnoException));
    }
    return options;
  }

  /** Says nothing of what a plugin printed, nor of the text that could not be parsed: there may be a token in it. */
  #credentialFailure(error: NodeJS.ErrnoException): string {
    const user = this.#config.getCurrentUser();
    const plugin: unknown = user?.exec?.command ?? user?.authProvider?.config?.exec?.command;
    if (typeof plugin === 'string') {
      if (error.code === 'ENOENT')
        return `the credential plugin ${plugin} of the kubeconfig is not installed`;
      return `the credential plugin ${plugin} of the kubeconfig failed: "kubectl version" shows why`;
    }
    if (error.path !== undefined) return `credentials in ${error.path} cannot be read: ${error.code}`;
    if (this.server.startsWith('http:')) {
      return 'the cluster is reached over plain http: set insecure-skip-tls-verify: true in the kubeconfig to allow it';
    }
    return 'the credentials of the kubeconfig cannot be used: "kubectl version" shows why';
  }
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = String(value).trim();
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
}

function createDispatcher(settings: DispatcherOptions): Dispatcher {
  const common = { keepAliveTimeout, pipelining: 1 };
  const connect = { timeout: connectTimeout };
  switch (settings.type) {
    case 'none':
      return new Agent({ ...common, connect });
    case 'agent':
      return new Agent({
        ...common,
        connect: { ...settings.connect, ...connect } as Agent.Options['connect'],
      });
    case 'proxy':
      return new ProxyAgent({
        ...common,
        uri: settings.uri,
        requestTls: settings.requestTls as ProxyAgent.Options['requestTls'],
      });
    case 'socks':
      return new Socks5ProxyAgent(settings.uri, {
        ...common,
        requestTls: settings.requestTls,
      } as Socks5ProxyAgent.Options);
  }
}
