import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

test('.dockerignore lets through what the Dockerfile copies, and nothing else', () => {
  const copied = read('Dockerfile')
    .split('\n')
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1))
    .map((path) => path.split('/')[0]!);
  const rules = read('.dockerignore').split('\n');
  const passed = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  expect(rules).toContain('*');
  expect(passed.sort()).toEqual([...new Set(copied)].sort());
});

test('the Node of the image is of the release that package.json pins', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
  const [, major] = /(\d+)/.exec(devDependencies.node)!;
  expect(read('Dockerfile')).toContain(`/node:${major}-`);
  expect(read('image/base-images.sh')).toContain(`node_major=${major}\n`);
});

test('the bill of materials adds Debian packages, by their source too, and Node to what npm says', () => {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-sbom-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [npm, dpkg] = [join(directory, 'npm.json'), join(directory, 'status')];
  const undici = { name: 'undici', version: '7.0.0', purl: 'pkg:npm/undici@7.0.0' };
  writeFileSync(npm, JSON.stringify({ bomFormat: 'CycloneDX', components: [undici] }));
  writeFileSync(
    dpkg,
    `Package: libavcodec59
Status: install ok installed
Architecture: amd64
Source: ffmpeg
Version: 7:5.1.9-0+deb12u1
Description: codecs
 Package: not-a-package

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libc-bin
Status: install ok installed
Architecture: amd64
Source: glibc (2.36-9)
Version: 2.36-9+b1
`,
  );
  const output = execFileSync(process.execPath, [join(root, 'image/sbom.mjs'), npm, dpkg], {
    encoding: 'utf8',
  });
  const { bomFormat, components } = JSON.parse(output) as {
    bomFormat: string;
    components: { purl: string }[];
  };
  expect(bomFormat).toBe('CycloneDX');
  expect(components.map(({ purl }) => purl)).toEqual([
    undici.purl,
    `pkg:generic/node@${process.versions.node}`,
    'pkg:deb/debian/libavcodec59@7%3A5.1.9-0%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=ffmpeg%407%3A5.1.9-0%2Bdeb12u1',
    'pkg:deb/debian/libc-bin@2.36-9%2Bb1?arch=amd64&distro=debian-12&upstream=glibc%402.36-9',
  ]);
});
