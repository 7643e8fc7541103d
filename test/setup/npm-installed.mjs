// Exit code 0 when node_modules holds what package-lock.json asks for, 1 otherwise. Runs on Node 20.
import { readFileSync } from 'node:fs';

const packagesOf = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return {};
  }
};

const wanted = packagesOf('package-lock.json');
// npm writes this file last, so an interrupted installation does not look complete.
const installed = packagesOf('node_modules/.package-lock.json');

const missing = Object.entries(wanted).some(([path, { version, integrity, optional }]) => {
  if (path === '') return false;
  const found = installed[path];
  // Optional packages are for one platform each: most are rightly absent.
  if (found === undefined) return !optional;
  return found.version !== version || found.integrity !== integrity;
});
process.exit(missing || Object.keys(installed).length === 0 ? 1 : 0);
