import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);

it('luma.wasm is what its source compiles to', { timeout: 60_000 }, () => {
  const scripts: { generate: string } = JSON.parse(
    readFileSync(new URL('package.json', root), 'utf8'),
  ).scripts;
  const [, ...flags] = /&& asc (.*)$/.exec(scripts.generate)![1]!.split(' ');
  const folder = mkdtempSync(join(tmpdir(), 'luma-'));
  try {
    const output = join(folder, 'luma.wasm');
    const written = flags.indexOf('monitor/kernels/luma.wasm');
    expect(written, 'npm run generate no longer writes monitor/kernels/luma.wasm').toBeGreaterThan(0);
    const asc = ['node_modules/assemblyscript/bin/asc.js', 'monitor/kernels/assembly/luma.ts'];
    execFileSync(process.execPath, [...asc, ...flags.with(written, output)], { cwd: root });
    const compiled = readFileSync(output);
    const committed = readFileSync(new URL('monitor/kernels/luma.wasm', root));
    expect(compiled.equals(committed), 'stale: run npm run generate').toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
