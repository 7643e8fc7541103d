import { describe, expect, it } from 'vitest';
import { parseListenAddress } from '../../../monitor/server/listen-address.ts';

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:9090', { host: '127.0.0.1', port: 9090 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:9090', { host: '::1', port: 9090 }],
    [':9090', { host: '::', port: 9090 }],
    ['/run/shard.sock', { path: '/run/shard.sock' }],
    ['./shard.sock', { path: './shard.sock' }],
  ])('reads %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each(['', '9090', 'host', 'host:', 'host:port', 'host:70000', '::1:9090', '[::1]'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseListenAddress(text)).toThrow(/is no address to listen on; write host:port/);
    },
  );
});
