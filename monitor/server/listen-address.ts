/** Where a server listens: TCP, or a unix socket. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * Reads `host:port`, `[address]:port`, `:port` (all interfaces) or the path of a unix socket.
 * @throws RangeError naming what is wrong
 */
export function parseListenAddress(text: string): ListenAddress {
  if (text.includes('/')) return { path: text };
  const parts = /^(?:\[(?<address>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text)?.groups;
  const port = Number(parts?.port);
  if (!parts || port > 65535) {
    throw new RangeError(
      `"${text}" is no address to listen on; write host:port, :port, or the path of a unix socket with a "/"`,
    );
  }
  return { host: parts.address ?? (parts.host || '::'), port };
}
