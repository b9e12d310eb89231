import { shown, suggestion, UserError } from '@motley/run';
import type { TextColumns } from './columns.ts';
import type { ColumnSchema } from './table.ts';

/**
 * One row from texts as users write them, `column=value` each. Columns that are not given are missing.
 * @throws UserError naming the text that is none, or its column
 */
export function rowFromTexts(texts: readonly string[], schema: readonly ColumnSchema[]): TextColumns {
  if (texts.length === 0) throw new UserError('predict: expected values as column=value or --table FILE, got none');
  const names = schema.map(({ name }) => name);
  const values = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new UserError(`predict: expected a value as column=value, got ${shown(text)}`);
    const name = text.slice(0, at).trim();
    if (!names.includes(name))
      throw new UserError(`predict: expected a column of the training, got ${shown(name)}${suggestion(name, names)}`);
    if (values.has(name)) throw new UserError(`predict: expected each column once, got ${shown(name)} twice`);
    values.set(name, text.slice(at + 1));
  }
  const columns = new Map(names.map((name) => [name, [values.get(name) ?? '']] as const));
  return { path: 'predict', rowCount: 1, columns, hasDecimalCommas: false };
}
