import fc from 'fast-check';
import type { Random } from '../accuracy/random.ts';

/** Values that readers of binary fields trip over. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff] as const;

/** Flips bits, cuts, splices in, repeats and overwrites pieces; one to eight times. */
export function damaged(random: Random, sound: Buffer, other: Buffer = sound): Buffer {
  let bytes: Buffer = Buffer.from(sound);
  for (let times = random.whole(1, 8); times > 0 && bytes.length > 0; times--)
    bytes = damagedOnce(random, bytes, other);
  return bytes;
}

function damagedOnce(random: Random, bytes: Buffer, other: Buffer): Buffer {
  const at = random.whole(0, bytes.length - 1);
  const end = Math.min(bytes.length, at + random.pick([1, 4, 8, 64, 188, 2000]));
  switch (random.whole(0, 6)) {
    case 0:
      bytes[at]! ^= 1 << random.whole(0, 7);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 4: {
      const from = random.whole(0, Math.max(0, other.length - 1));
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + 500), bytes.subarray(at)]);
    }
    case 5:
      if (at + 4 <= bytes.length) bytes.writeUInt32BE(random.pick(edges), at);
      return bytes;
    default:
      return bytes.fill(random.whole(0, 255), at, end);
  }
}

/** The same for texts, line by line, with words that mean something to the reader. */
export function damagedText(random: Random, sound: string, words: readonly string[]): Buffer {
  const lines = sound.split('\n');
  for (let times = random.whole(1, 6); times > 0 && lines.length > 0; times--) {
    const at = random.whole(0, lines.length - 1);
    const line = lines[at] ?? '';
    switch (random.whole(0, 6)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, random.pick(words));
        break;
      case 2:
        lines.splice(at, 0, ...lines.slice(random.whole(0, at), at + 3));
        break;
      case 3:
        lines[at] = line.replace(/\d+(\.\d+)?/, () => hostileNumber(random));
        break;
      case 4:
        lines[at] = line.replace(
          /(["'])[^"']*\1/,
          (_, quote: string) => `${quote}${hostileText(random)}${quote}`,
        );
        break;
      case 5:
        lines[at] = line.slice(0, random.whole(0, line.length));
        break;
      default:
        lines[at] = damaged(random, Buffer.from(`${line} `)).toString('latin1');
    }
  }
  return Buffer.from(lines.join('\n'));
}

/** Made once: making them takes longer than a hundred samples. */
const anyText = fc.string({ unit: 'binary' });
const anyValue = fc.jsonValue();

function sampled<T>(values: fc.Arbitrary<T>, random: Random): T {
  return fc.sample(values, { seed: random.whole(0, 2 ** 30), numRuns: 1 })[0]!;
}

const tenYears = 10 * 365 * 86_400;

export function hostileNumber(random: Random): string {
  return random.pick([
    ...['0', '-1', '.', '1e9', 'NaN', 'Infinity', '-0', '0.0000001', '9'.repeat(30), '9'.repeat(400)],
    ...[String(2 ** 31), String(2 ** 33), String(2 ** 53), String(2 ** 64), String(tenYears), `-${tenYears}`],
    String(random.whole(0, 100_000)),
  ]);
}

/** Names, addresses and texts that mean something else to one reader or another. */
export function hostileText(random: Random): string {
  if (random.chance(0.05)) return sampled(anyText, random);
  return random.pick([
    ...[
      '__proto__',
      'constructor',
      'toString',
      '',
      ' ',
      '\0',
      '../../../../etc/passwd',
      '%00',
      '$&$`',
      '{$a}',
    ],
    ...[
      'http://169.254.169.254/',
      'file:///etc/passwd',
      'data:,x',
      'javascript:0',
      '//[::1]/',
      'http://[',
      'a'.repeat(5000),
    ],
    ...[',='.repeat(500), '"'.repeat(50), '\u2028\ud800', '<![CDATA[', '&a;', '$Number%09999999d$'],
  ]);
}

/** A document with some of its values replaced, left out, doubled or put elsewhere. */
export function damagedDocument(random: Random, sound: unknown): unknown {
  const document = structuredClone(sound);
  for (let times = random.whole(1, 4); times > 0; times--) {
    const places = containersIn(document);
    if (places.length === 0) return document;
    const place = random.pick(places);
    const keys = Object.keys(place);
    const key = keys.length > 0 ? random.pick(keys) : 'x';
    const target = place as Record<string, unknown>;
    const kind = random.whole(0, 6);
    if (kind === 0) Reflect.deleteProperty(target, key);
    else if (kind === 1) defineOwn(target, hostileText(random), target[key]);
    else target[key] = hostileValue(random, target[key]);
  }
  return document;
}

/** `__proto__` as JSON gives it: a field like any other. */
function defineOwn(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function containersIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(containersIn)];
}

function hostileValue(random: Random, before: unknown): unknown {
  if (random.chance(0.2)) return Array.from({ length: random.whole(0, 50) }, () => before);
  if (random.chance(0.3)) return hostileText(random);
  if (random.chance(0.3)) return Number(hostileNumber(random));
  return sampled(anyValue, random);
}
