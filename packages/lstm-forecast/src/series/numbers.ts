import { column, isMissing, type Column } from '@motley/core/node';

/** Mark before the decimals of a number. */
export type DecimalMark = '.' | ',';

const DIGIT_GROUPS: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/,
  ',': /^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$/,
};
/** Spaces and apostrophes between groups of digits, as in France and Switzerland. */
const GAPS = /(?<=\d)[\s'’](?=\d{3}(?!\d))/g;

/** A number with a point before its decimals and no marks between groups of digits; other text as it is. */
function plain(field: string, mark: DecimalMark): string {
  const text = field.trim().replace(GAPS, '');
  if (DIGIT_GROUPS[mark].test(text)) return text.replaceAll(mark === '.' ? ',' : '.', '').replace(',', '.');
  if (mark === '.') return text;
  return text.includes('.') ? `not ${text}` : text.replace(',', '.');
}

const isNumber = (field: string, mark: DecimalMark): boolean => column.number().begin().add(plain(field, mark));

/**
 * Finds the mark before decimals. 1,234 alone may be either number: it has decimals where columns are separated by
 * semicolons, as they are where the comma is the decimal mark.
 * @returns undefined where fields are no numbers, or all missing
 */
export function decimalMarkOf(fields: readonly string[], delimiter: string): DecimalMark | undefined {
  const known = fields.filter((field) => !isMissing(field));
  const [points, commas] = (['.', ','] as const).map((mark) => known.every((field) => isNumber(field, mark)));
  if (known.length === 0 || (!points && !commas)) return undefined;
  if (!points || !commas) return points ? '.' : ',';
  const hasComma = known.some((field) => field.includes(','));
  const hasPoint = known.some((field) => field.includes('.'));
  return delimiter === ';' && (hasComma || !hasPoint) ? ',' : '.';
}

/** A column of numbers, NaN where missing: with decimals after the mark, and the other mark between groups of digits. */
export function numbers(mark: DecimalMark): Column<Float64Array> {
  const read = column.number({ allowMissing: true });
  return {
    expected: mark === '.' ? 'a number' : 'a number (with a decimal comma)',
    streams: true,
    begin: () => {
      const values = read.begin();
      return {
        add: (field) => values.add(isMissing(field) ? field : plain(field, mark)),
        finish: () => values.finish(),
      };
    },
  };
}
