/** The name that the guide's detector has, in the forms that its code writes. */
const inGuide = { type: 'low-contrast', identifier: 'lowContrast', title: 'Low contrast' };

const form = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 40;

/**
 * The files of the guide, by path, under another name. In the guide, each block of code follows the path of its file.
 * @param guide text of docs/writing-a-detector.md
 * @throws RangeError when the name cannot be a detector's
 */
export function guideFiles(guide: string, name: string): Map<string, string> {
  if (!form.test(name) || name.length > longest) {
    throw new RangeError(
      `"${name}" cannot be the name of a detector: write up to ${longest} lower-case letters, digits and dashes, such as ` +
        'washed-out',
    );
  }
  const blocks = guide.matchAll(/`([\w/-]+\/low-contrast(?:\.test)?\.ts)`(?:(?!```).)*?```ts\n(.*?)```/gs);
  return new Map([...blocks].map(([, path, code]) => [renamed(path!, name), renamed(code!, name)]));
}

function renamed(text: string, name: string): string {
  const identifier = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
  return text
    .replaceAll(inGuide.type, name)
    .replaceAll(inGuide.identifier, identifier)
    .replaceAll(inGuide.title, title);
}
