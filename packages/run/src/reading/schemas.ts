import { z } from 'zod';
import { printable } from '../config/errors.ts';

/**
 * List of a file's items, checked up to the first wrong one. A `z.array` describes every wrong item, which takes
 * gigabytes for a large file of another kind.
 */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(z.unknown()).transform((values, context) => {
    const items: z.output<Item>[] = [];
    for (const [index, value] of values.entries()) {
      const result = item.safeParse(value);
      if (!result.success) return refuse(context, result.error, index);
      items.push(result.data);
    }
    return items;
  });
}

/** Record of a file's values by any name, `__proto__` too, checked up to the first wrong one. */
export function recordOf<Value extends z.ZodType>(value: Value) {
  return z
    .custom<Readonly<Record<string, unknown>>>(
      (given) => typeof given === 'object' && given !== null && !Array.isArray(given),
      'Invalid input: expected record',
    )
    .transform((record, context) => {
      const entries: [string, z.output<Value>][] = [];
      for (const [name, each] of Object.entries(record)) {
        const result = value.safeParse(each);
        if (!result.success) return refuse(context, result.error, name);
        entries.push([name, result.data]);
      }
      return Object.fromEntries(entries);
    });
}

function refuse(context: z.RefinementCtx, error: z.ZodError, key: string | number): never {
  const { path, message } = error.issues[0]!;
  context.addIssue({ code: 'custom', path: [key, ...path], message });
  return z.NEVER;
}

/** Part of a name that a place shows. */
const LONGEST_NAME = 80;

/** First mistake that a schema found, on one line: `at images[3].width: Invalid input: expected number`. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  const parts = issue!.path.map((key) =>
    typeof key === 'number' ? `[${key}]` : `.${printable(String(key), LONGEST_NAME)}`,
  );
  const place = parts.length === 0 ? 'the whole' : parts.join('').replace(/^\./, '');
  return `at ${place}: ${issue!.message}`;
}
