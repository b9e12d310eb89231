import { escapeMarkup } from '../figures/style.ts';

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #2b2f36; background: #f6f7f9; margin: 0; }
main { max-width: 1180px; margin: 0 auto; padding: 24px; }
section { background: #fff; border: 1px solid #e3e6ea; border-radius: 10px; padding: 16px 24px 20px; margin: 16px 0; }
h1 { margin: 8px 0; } h2 { font-size: 18px; margin: 4px 0 12px; }
dl { display: flex; flex-wrap: wrap; gap: 8px 36px; margin: 0 0 16px; }
dt { color: #6b7280; font-size: 13px; } dd { margin: 0; font-weight: 600; }
table { border-collapse: collapse; margin: 0 0 12px; }
th, td { text-align: left; padding: 4px 28px 4px 0; border-bottom: 1px solid #eef0f2; overflow-wrap: anywhere; }
th { font-weight: 600; } th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
.pictures { margin: 0 0 16px; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 16px 24px; }
figure { margin: 0; } img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figcaption { color: #6b7280; text-align: center; padding: 4px; }
details { margin: 8px 0 0; } summary { cursor: pointer; color: #6b7280; }
pre { overflow: auto; background: #f6f7f9; padding: 12px; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.status-completed { color: #2e7d32; } .status-stopped { color: #b26a00; } .status-failed { color: #b3261e; }
@media print { body { background: #fff; } section { break-inside: avoid; border: 0; padding: 0; } }`;

/** HTML page with sections. Empty sections are left out. */
export function page(title: string, sections: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
<h1>${escapeMarkup(title)}</h1>
${sections.filter((part) => part !== '').join('\n')}
</main></body>
</html>
`;
}

/** Section with markup as content. Empty where there is no content. */
export function section(heading: string, content: string): string {
  return content === '' ? '' : `<section><h2>${escapeMarkup(heading)}</h2>${content}</section>`;
}

/** Text or number. Null and undefined give an empty cell. */
export type Cell = string | number | null | undefined;

/** Table of texts and numbers. Numbers are right-aligned. */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumber = (column: number): boolean => rows.some((row) => typeof row[column] === 'number');
  const head = heading.map(
    (name, column) => `<th${isNumber(column) ? ' class="number"' : ''}>${escapeMarkup(name)}</th>`,
  );
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  return `<table>${head.length === 0 ? '' : `<tr>${head.join('')}</tr>`}${body.join('')}</table>`;
}

function cell(value: Cell): string {
  return typeof value === 'number'
    ? `<td class="number">${shownNumber(value)}</td>`
    : `<td>${escapeMarkup(value ?? '')}</td>`;
}

/** Formats six significant digits; integers in full, with groups of three digits. */
export function shownNumber(value: number): string {
  return Number.isSafeInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(6)));
}

/** Converts `samplesPerSecond` to `samples per second`. */
export function inWords(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
