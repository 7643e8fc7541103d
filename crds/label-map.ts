import { z } from 'zod';
import { cel } from './fields.ts';

const namePattern = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const prefixPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const keyPattern = `^(${prefixPattern}/)?${namePattern}$`;
const valuePattern = `^(${namePattern})?$`;

/** Labels and annotations by which the operator finds its own objects, and which it alone may set. */
const reserved =
  '^(streammonitor[.]dev/.*|app[.]kubernetes[.]io/(name|component|managed-by)|pod-template-hash)$';

const keyError = 'must be a label key, such as team or example.com/team';
const reservedError = 'is set by the operator; choose another key';

/** The key of a label: an optional DNS prefix and `/`, then at most 63 letters, digits, `-`, `_` and `.`. */
export const labelKey = () => z.string().min(1).max(316).regex(new RegExp(keyPattern), { error: keyError });

/** The value of a label. */
const labelValue = () =>
  z.string().max(63).regex(new RegExp(valuePattern), {
    error: 'must be the value of a label: at most 63 letters, digits, "-", "_" and "."',
  });

/** Labels. @param own whether they are put on objects of the operator, whose own labels they must leave alone */
export const labelMap = (maxEntries: number, own = true) => labelMapOf(labelValue(), maxEntries, own);

/** Texts by label key, as labels and annotations are. */
export function labelMapOf<V extends z.ZodType<string, string>>(value: V, maxEntries: number, own = true) {
  return z
    .record(z.string(), value)
    .superRefine((map, context) => {
      const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
      const keys = Object.keys(map);
      if (keys.length > maxEntries) issue([], `must have at most ${maxEntries} entries`);
      for (const key of keys) {
        if (!new RegExp(keyPattern).test(key) || key.length > 316) issue([key], keyError);
        else if (own && new RegExp(reserved).test(key)) issue([key], reservedError);
      }
    })
    .meta({
      maxProperties: maxEntries,
      ...cel(
        { rule: `self.all(key, key.matches('${keyPattern}'))`, message: `each key ${keyError}` },
        ...(own
          ? [
              {
                rule: `!self.exists(key, key.matches('${reserved}'))`,
                message: 'has a label or annotation that is set by the operator; choose another key',
              },
            ]
          : []),
      ),
    });
}
