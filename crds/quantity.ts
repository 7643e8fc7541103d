import { z } from 'zod';
import { cel } from './fields.ts';

const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
const form = /^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/**
 * The number that a resource quantity of Kubernetes stands for: cores or bytes.
 * @throws RangeError when it is not of the form `500m`, `2`, `1.5` or `512Mi`
 */
export function quantityValue(quantity: string | number): number {
  const [, number, unit = ''] = form.exec(String(quantity)) ?? [];
  if (number === undefined) throw new RangeError('is no quantity; write it like 500m, 2 or 512Mi');
  return Number(number) * factors[unit]!;
}

/** A resource quantity between two bounds, written as Kubernetes does: a text, or a whole number. */
export function quantity(minimum: string, maximum: string) {
  const message = `must be from ${minimum} to ${maximum}, written like ${minimum}`;
  const within = (value: string | number) => {
    if (!form.test(String(value))) return false;
    const number = quantityValue(value);
    return number >= quantityValue(minimum) && number <= quantityValue(maximum);
  };
  return z
    .union([z.number(), z.string().max(32)], { error: message })
    .refine(within, { error: message })
    .meta({
      'x-kubernetes-int-or-string': true,
      ...cel({
        rule:
          `isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('${minimum}')) >= 0` +
          ` && quantity(string(self)).compareTo(quantity('${maximum}')) <= 0`,
        message,
      }),
    });
}

/** Cores as the API server writes them: whole ones, else thousandths. */
export function coresQuantity(cores: number): string {
  // Rounded up as the API server does, but not for what binary fractions leave over.
  const thousandths = Math.ceil(Number((cores * 1000).toFixed(6)));
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}

/** Bytes as the API server writes them: in the largest binary unit that leaves nothing over. */
export function bytesQuantity(bytes: number): string {
  let amount = Math.ceil(bytes);
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  let unit = 0;
  while (amount > 0 && amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${amount}${units[unit]}`;
}
