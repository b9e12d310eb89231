import { column, type Column } from '@motley/core/node';

/** Later as seconds than the year 5000, and as milliseconds than 1973. */
const FIRST_MILLISECONDS = 1e11;

/** Kaggle's and American spreadsheets': month/day/year. */
const AMERICAN_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

/**
 * A column of moments: ISO 8601 dates with or without a time, American dates (1/31/2014), or seconds or milliseconds
 * since 1970, all of them as the first; a Float64Array of seconds since 1970, UTC.
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

/** As it is, where it is no American date: then it is no moment. */
function toIsoDate(text: string): string {
  const [, month, day, year] = AMERICAN_DATE.exec(text) ?? [];
  return month === undefined ? `not ${text}` : `${year!}-${month.padStart(2, '0')}-${day!.padStart(2, '0')}`;
}

/** Seconds since 1970 of a moment as people write it, UTC unless it says otherwise; NaN where it is none. */
export function parseMoment(text: string): number {
  const isComplete = /(Z|[+-]\d\d:?\d\d)$/.test(text) || !/\d:\d/.test(text);
  return Date.parse(isComplete ? text : `${text}Z`) / 1000;
}

/** A moment as messages show it: a date, or the number where it is too early to be one. */
export function shownMoment(seconds: number): string {
  const isDate = Math.abs(seconds) >= FIRST_MILLISECONDS / 1000 && Math.abs(seconds) <= 8.64e12;
  return isDate ? new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ') : `${seconds} s`;
}
