import { column, type Column } from '@motley/core/node';

/** Larger numbers are milliseconds: as seconds they would lie beyond the year 5000. */
const FIRST_MILLISECONDS = 1e11;

/** month/day/year, as on Kaggle. */
const AMERICAN_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/**
 * A column of times, read as seconds since 1970, UTC: ISO 8601 dates with or without a time, American dates
 * (1/31/2014), or seconds or milliseconds since 1970. The first value decides the format.
 */
export function moments(): Column<Float64Array> {
  const dates = column.date();
  const numbers = column.number();
  return {
    expected: 'a date (2014-01-31 23:30:00, 1/31/2014) or a number of seconds or milliseconds since 1970',
    streams: true,
    begin: () => {
      const asDates = dates.begin();
      const asNumbers = numbers.begin();
      let used: typeof asDates | undefined;
      let isAmerican: boolean | undefined;
      return {
        add: (field) => {
          isAmerican ??= AMERICAN_DATE.test(field.trim());
          const text = isAmerican ? toIsoDate(field.trim()) : field;
          if (used !== undefined) return used.add(text);
          used = asDates.add(text) ? asDates : asNumbers.add(text) ? asNumbers : undefined;
          return used !== undefined;
        },
        finish: () => {
          const values = (used ?? asNumbers).finish();
          const inMilliseconds = used === asDates || Math.abs(values[0] ?? 0) >= FIRST_MILLISECONDS;
          return inMilliseconds ? values.map((value) => value / 1000) : values;
        },
      };
    },
  };
}

/** An American date in ISO format; any other text becomes one that no date parser accepts. */
function toIsoDate(text: string): string {
  const [, month, day, year] = AMERICAN_DATE.exec(text) ?? [];
  return month === undefined ? `not ${text}` : `${year!}-${month.padStart(2, '0')}-${day!.padStart(2, '0')}`;
}

/** Parses a date or time to seconds since 1970, in UTC unless it has a zone; NaN for any other text. */
export function parseMoment(text: string): number {
  const isComplete = /(Z|[+-]\d\d:?\d\d)$/.test(text) || !/\d:\d/.test(text);
  return Date.parse(isComplete ? text : `${text}Z`) / 1000;
}

/** Formats a time for messages: as a date, or as a number of seconds if it is near 1970. */
export function shownMoment(seconds: number): string {
  const isDate = Math.abs(seconds) >= FIRST_MILLISECONDS / 1000 && Math.abs(seconds) <= 8.64e12;
  return isDate ? new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ') : `${seconds} s`;
}
