import { describe, expect, it } from 'vitest';
import { browserAddress, listenAddress } from '../../../operator/commands/listen-address.ts';

describe('listenAddress', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    [':9090', { host: '::', port: 9090 }],
  ])('reads %s', (text, address) => {
    expect(listenAddress(text)).toEqual(address);
  });

  it.each(['8080', '::1:80', 'host', 'host:', 'host:70000', 'http://host:80'])('refuses %s', (text) => {
    expect(() => listenAddress(text)).toThrow('Write it like');
  });

  it('shows an address that a browser takes', () => {
    expect(browserAddress('::', 80)).toBe('http://localhost:80/');
    expect(browserAddress('::1', 80)).toBe('http://[::1]:80/');
    expect(browserAddress('127.0.0.1', 8080)).toBe('http://127.0.0.1:8080/');
  });
});
