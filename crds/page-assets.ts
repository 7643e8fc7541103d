import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { extname } from 'node:path';

/** A file of the page as it is sent. */
export interface PageAsset {
  readonly contentType: string;
  readonly body: Buffer;
  /** Strong validator (RFC 9110 §8.8.3), quoted. */
  readonly etag: string;
}

/** The files of the page by URL path, `/` among them. */
export type PageAssets = ReadonlyMap<string, PageAsset>;

/**
 * Headers of every answer to a browser. The page needs nothing but its own files, the API beside them and
 * pictures; anything else that a name or message could smuggle in is refused by the browser (CSP Level 3).
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

// Monitor and operator serve the same page and never import each other; both may import the API, of which the
// page is the client. So the folder is found by its path from here: nothing of the monitor is imported.
const pageDirectory = new URL('../monitor/page/', import.meta.url);

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
};

/** Modules of the API that the page loads, at the same names below `crds/`. They import nothing that is loaded. */
const contracts = ['page-api.ts', 'stream-state.ts'] as const;

/** The packages that the page's modules import, each one ES module. */
const vendored: Readonly<Record<string, string>> = {
  preact: 'vendor/preact.js',
  'preact/hooks': 'vendor/preact-hooks.js',
  htm: 'vendor/htm.js',
  uplot: 'vendor/uplot.js',
};

/** Where a package's main module is none of ECMAScript. */
const modules: Readonly<Record<string, string>> = { uplot: 'uplot/dist/uPlot.esm.js' };

/** The style sheets of packages. */
const vendoredStyles: Readonly<Record<string, string>> = { 'uplot/dist/uPlot.min.css': 'vendor/uplot.css' };

/**
 * Reads the page: its TypeScript modules without their types, and the packages they import.
 * @throws Error when a file is missing or cannot be stripped, so that a broken page stops the start
 */
export function loadPageAssets(): PageAssets {
  const assets = new Map<string, PageAsset>();
  for (const name of readdirSync(pageDirectory)) {
    const contentType = contentTypes[extname(name)];
    if (!contentType) continue;
    const text = readFileSync(new URL(name, pageDirectory), 'utf8');
    const isModule = name.endsWith('.ts');
    const body = isModule ? withResolvedImports(stripTypeScriptTypes(text), './') : text;
    assets.set(name === 'index.html' ? '/' : `/${name}`, asset(contentType, body));
  }
  for (const name of contracts) {
    const text = readFileSync(new URL(name, import.meta.url), 'utf8');
    assets.set(`/crds/${name}`, asset(contentTypes['.ts']!, stripTypeScriptTypes(text)));
  }
  for (const [specifier, path] of Object.entries(vendoredStyles)) {
    const text = readFileSync(new URL(import.meta.resolve(specifier)), 'utf8');
    assets.set(`/${path}`, asset(contentTypes['.css']!, text));
  }
  for (const [specifier, path] of Object.entries(vendored)) {
    const text = readFileSync(new URL(import.meta.resolve(modules[specifier] ?? specifier)), 'utf8');
    const body = withResolvedImports(text, '../').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '');
    assets.set(`/${path}`, asset(contentTypes['.ts']!, body));
  }
  return assets;
}

/** An import map would be an inline script, which the content security policy forbids. */
function withResolvedImports(source: string, root: './' | '../'): string {
  return source.replace(
    /\b(from|import)(\s*)(["'])([^"'\n]+)\3/g,
    (statement, word, space, quote, specifier) => {
      const path = vendored[specifier] ?? contractPath(specifier);
      return path ? `${word}${space}${quote}${root}${path}${quote}` : statement;
    },
  );
}

/** As `./crds/page-api.ts`: the page may be served below a path, above which `../../` would lead. */
function contractPath(specifier: string): string | undefined {
  const name = contracts.find((contract) => specifier === `../../crds/${contract}`);
  return name && `crds/${name}`;
}

function asset(contentType: string, text: string): PageAsset {
  const body = Buffer.from(text);
  return { contentType, body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}
