/**
 * A page that is written by hand but for one part, with that part anew: what stands between `<!-- NAME: … -->` and
 * `<!-- /NAME -->`.
 * @throws Error when it has no such place
 */
export function withGeneratedPart(page: string, name: string, part: string): string {
  const place = new RegExp(`(<!-- ${name}: .*? -->\\n).*?(<!-- /${name} -->)`, 's');
  if (!place.test(page)) throw new Error(`the page lacks the comments between which its ${name} stand`);
  return page.replace(place, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`);
}
