import type { MetricColumns } from './columns.ts';

const LINES_A_PART = 2000;

/**
 * Curves as CSV: a row for each logged line that has one of them, with its step, epoch and time.
 * @param names curves to write; all where it is empty
 */
export function* csvOf(columns: MetricColumns, names: readonly string[]): Generator<string> {
  const chosen = names.length === 0 ? [...columns.curves.keys()] : names.filter((name) => columns.curves.has(name));
  const curves = chosen.map((name) => columns.curves.get(name)!);
  const at = new Array<number>(curves.length).fill(0);
  let part = `${['step', 'epoch', 'timeInSeconds', ...chosen.map(quoted)].join(',')}\n`;
  const [steps, epochs, times] = [columns.steps.view, columns.epochs.view, columns.times.view];
  for (let line = 0; line < steps.length; line++) {
    const cells = curves.map(({ lines, values }, index) =>
      lines.view[at[index]!] === line ? String(values.view[at[index]!++]!) : '',
    );
    if (cells.some((each) => each !== ''))
      part += `${[cell(steps[line]!), cell(epochs[line]!), cell(times[line]!), ...cells].join(',')}\n`;
    if (line % LINES_A_PART === LINES_A_PART - 1) {
      yield part;
      part = '';
    }
  }
  yield part;
}

function cell(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/** A name in quotes. A table program would take one that begins like a formula for one. */
function quoted(name: string): string {
  const text = /^[=+\-@\t\r]/.test(name) ? `'${name}` : name;
  return `"${text.replaceAll('"', '""')}"`;
}
