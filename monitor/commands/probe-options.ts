import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { list } from '../../cli/options.ts';
import { languagePattern } from '../../crds/fields.ts';
import type { IngressOptions } from '../ingress/ingress.ts';
import { ContentKeys } from '../ingress/segmented/content-keys.ts';

export function rendition(text: string): IngressOptions['rendition'] {
  if (text === 'highest' || text === 'lowest') return text;
  if (/^[1-9]\d*$/.test(text)) return { maxHeight: Number(text) };
  throw new InvalidArgumentError('write highest, lowest, or a height such as 720');
}

export function heights(text: string): number[] {
  const lines = list(text);
  if (lines.every((line) => /^[1-9]\d*$/.test(line))) return [...new Set(lines.map(Number))];
  throw new InvalidArgumentError('write heights in lines, such as 1080,720,480');
}

/** From a file, since an argument list is for all to see. */
export function contentKeys(file: string): ContentKeys {
  try {
    return ContentKeys.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InvalidArgumentError(code === undefined ? message : `the file cannot be read: ${code}`);
  }
}

export function audioTrack(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write the number of an audio track, from 1');
}

export function audioLanguage(text: string): string {
  if (languagePattern.test(text)) return text;
  throw new InvalidArgumentError('write a language as BCP 47 does, such as de or pt-BR');
}
