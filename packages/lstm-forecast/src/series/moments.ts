import { column, type Column } from '@motley/core/node';

/** Later as seconds than the year 5000, and as milliseconds than 1973. */
const FIRST_MILLISECONDS = 1e11;

/**
 * A column of moments: ISO 8601 dates with or without a time, or seconds or milliseconds since 1970, all of them as the
 * first; a Float64Array of seconds since 1970, UTC.
 */
export function moments(): Column<Float64Array> {
  const dates = column.date();
  const numbers = column.number();
  return {
    expected: 'a date (2014-01-31 23:30:00) or a number of seconds or milliseconds since 1970',
    streams: true,
    begin: () => {
      const asDates = dates.begin();
      const asNumbers = numbers.begin();
      let used: typeof asDates | undefined;
      return {
        add: (field) => {
          if (used !== undefined) return used.add(field);
          used = asDates.add(field) ? asDates : asNumbers.add(field) ? asNumbers : undefined;
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

/** A moment as messages show it: a date, or the number where it is too early to be one. */
export function shownMoment(seconds: number): string {
  const isDate = Math.abs(seconds) >= FIRST_MILLISECONDS / 1000 && Math.abs(seconds) <= 8.64e12;
  return isDate ? new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ') : `${seconds} s`;
}
