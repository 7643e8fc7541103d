import { readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A relative link of a page: the file by its path from the root, and the heading within it where one is named. */
export interface PageLink {
  readonly path: string;
  readonly anchor?: string;
}

/** Paths of all markdown files below `root`, from there; without packages and hidden folders. */
export function markdownFiles(root: string): string[] {
  const entries = readdirSync(root, { withFileTypes: true });
  return entries.flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    if (!entry.isDirectory()) return entry.name.endsWith('.md') ? [entry.name] : [];
    const below = readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' });
    return below.filter((name) => name.endsWith('.md')).map((name) => `${entry.name}/${name}`);
  });
}

/** Links and pictures of a page that lead to files; `path` is its own, from the root. */
export function relativeLinks(path: string, text: string): PageLink[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file, anchor] = target.split('#') as [string, string?];
      const linked = file === '' ? path : normalize(join(dirname(path), file));
      return { path: linked, ...(anchor !== undefined && { anchor }) };
    });
}

/** The anchors that GitHub gives the headings of a page; a heading that comes again gets a number. */
export function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of withoutCode(text, { inline: false }).matchAll(/^#{1,6} +(.+?)\s*$/gm)) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let count = 1; found.has(anchor); count++) anchor = `${slug}-${count}`;
    found.add(anchor);
  }
  return found;
}

function withoutCode(text: string, { inline = true } = {}): string {
  const prose = text.replace(/^(```|~~~).*?^\1.*?$/gms, '').replace(/^ {4}.*$/gm, '');
  return inline ? prose.replace(/`[^`\n]*`/g, '') : prose;
}
