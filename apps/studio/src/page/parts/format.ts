/** A number as a person reads it: four digits that matter, a true minus, `–` where there is none. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    Number.isInteger(value) && size < 1e7
      ? value.toLocaleString('en')
      : size >= 1e7 || size < 1e-4
        ? value.toExponential(3).replace('e+', 'e')
        : size >= 1000
          ? value.toLocaleString('en', { maximumFractionDigits: 1 })
          : String(Number(value.toPrecision(4)));
  return text.replace(/^-/, '−').replace('e-', 'e−');
}

/** A time span such as `2 h 05 min`. */
export function formatSpan(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${pad(minutes % 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

/** A moment as `today 14:05`, `30 Nov 09:12`, or with its year where it is another one. */
export function formatMoment(milliseconds: number | null | undefined, now = Date.now()): string {
  if (milliseconds === null || milliseconds === undefined) return '–';
  const [date, today] = [new Date(milliseconds), new Date(now)];
  const time = `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
  if (date.toDateString() === today.toDateString()) return `today ${time}`;
  const day = `${date.getDate()} ${date.toLocaleString('en', { month: 'short' })}`;
  return date.getFullYear() === today.getFullYear() ? `${day} ${time}` : `${day} ${date.getFullYear()}`;
}

/** A size such as `12.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]!}`;
}

/** A value of a configuration on one line. */
export function formatValue(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value);
}
