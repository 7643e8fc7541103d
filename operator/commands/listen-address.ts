import { InvalidArgumentError } from 'commander';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `[v6]:port` or `:port` (all interfaces).
 * @throws InvalidArgumentError
 */
export function listenAddress(text: string): ListenAddress {
  const [, v6, name, port] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65535) {
    throw new InvalidArgumentError('Write it like 127.0.0.1:8080, [::1]:8080 or :8080.');
  }
  return { host: v6 ?? (name || '::'), port: Number(port) };
}

/** The address as a browser takes it. */
export function browserAddress(host: string, port: number): string {
  const reachable = host === '::' || host === '0.0.0.0' ? 'localhost' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/`;
}
