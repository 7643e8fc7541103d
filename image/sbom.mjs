// Bill of materials of the image, as CycloneDX on standard output: what npm says of its packages, completed by
// the Debian packages and Node. Usage: node sbom.mjs NPM_SBOM DPKG_STATUS
import { readFileSync } from 'node:fs';

const [npmFile, dpkgFile] = process.argv.slice(2);
const bill = JSON.parse(readFileSync(npmFile, 'utf8'));
bill.components.push(node(), ...debianPackages(readFileSync(dpkgFile, 'utf8')));
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);

function node() {
  const version = process.versions.node;
  const purl = `pkg:generic/node@${version}`;
  return {
    'bom-ref': purl,
    type: 'platform',
    name: 'node',
    version,
    purl,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
  };
}

/** @param {string} status of dpkg: https://www.debian.org/doc/debian-policy/ch-controlfields.html */
function debianPackages(status) {
  return status
    .split('\n\n')
    .map(
      (paragraph) =>
        new Map([...paragraph.matchAll(/^([\w-]+): (.*)$/gm)].map(([, key, value]) => [key, value])),
    )
    .filter((fields) => fields.get('Status')?.endsWith(' installed'))
    .map((fields) => component(fields.get('Package'), fields.get('Version'), fields));
}

function component(name, version, fields) {
  const qualifiers = new URLSearchParams({ arch: fields.get('Architecture'), distro: 'debian-12' });
  // Advisories name the source package: "name (version)" where its version is another.
  const [, source, sourceVersion = version] = /^(\S+)(?: \((.+)\))?$/.exec(fields.get('Source') ?? name);
  qualifiers.set('upstream', `${source}@${sourceVersion}`);
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?${qualifiers}`;
  return { 'bom-ref': purl, type: 'library', name, version, purl };
}
