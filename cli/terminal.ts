import { styleText } from 'node:util';

/** Colours and the like, as `styleText` names them. */
export type Style = Parameters<typeof styleText>[0];

/** Styles a text that goes to a stream, where that is a terminal and `NO_COLOR` is not set. */
export function painted(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Tells why something cannot be done. @returns the exit status */
export function complain(message: string, status: number): number {
  process.stderr.write(`${painted('red', message, process.stderr)}\n`);
  return status;
}
