import { InvalidArgumentError, Option } from 'commander';
import ipaddr from 'ipaddr.js';
import { durationSeconds } from '../crds/duration.ts';
import { quantityValue } from '../crds/quantity.ts';

/** Levels of the log, most severe first. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** Options that several commands have: one name, one unit, one text. */
export const jsonOption = (what: string) => new Option('--json', `write ${what} as JSON`);

export const logLevelOption = (level: (typeof logLevels)[number]) =>
  new Option('--log-level <level>', 'least severe that is logged').choices(logLevels).default(level);

export const secretsOption = () => new Option('--secrets <dir>', 'folder of Secrets: DIR/{name}/{key}');

export const modulesOption = () =>
  new Option('--modules <dir>', 'folder of modules of detectors: DIR/{module}/detector.mjs');

export const allowRangeOption = () =>
  new Option('--allow-range <cidr>', 'private address range that streams may be on; repeatable')
    .argParser(range)
    .default([], 'none');

export const headerOption = () =>
  new Option('--header <name:value>', 'HTTP header for the origin; repeatable')
    .argParser(header)
    .default({}, 'none');

export const fileOption = (what: string) => new Option('-f, --file <file>', what);

/** Keeps each of several. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** Seconds of a duration such as `60s`. @throws InvalidArgumentError */
export function duration(text: string): number {
  return argument(() => durationSeconds(text));
}

/** Cores, such as `2` or `500m`. @throws InvalidArgumentError */
export function cores(text: string): number {
  const value = argument(() => quantityValue(text));
  if (value > 0) return value;
  throw new InvalidArgumentError('it must be more than 0');
}

/** @throws InvalidArgumentError */
export function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('it must be a whole number above 0');
}

/** The items of `a,b`. */
export function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

function range(text: string, before: readonly string[]): readonly string[] {
  if (ipaddr.isValidCIDR(text)) return [...before, text];
  throw new InvalidArgumentError('write it in CIDR form, like 100.64.0.0/10');
}

function header(text: string, previous: Readonly<Record<string, string>>): Record<string, string> {
  const colon = text.indexOf(':');
  if (colon < 1) throw new InvalidArgumentError('write it like "Authorization: Bearer …"');
  return { ...previous, [text.slice(0, colon).trim()]: text.slice(colon + 1).trim() };
}

function argument<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
