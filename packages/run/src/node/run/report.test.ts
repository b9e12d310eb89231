import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exampleSummary } from '../logging/testing/example-summary.ts';
import { renderReport } from './report.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "motley report's "));
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({ model: { sizes: [512, 256] }, note: '<script>x</script>' }),
  );
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));
const writeMetrics = (steps: number) =>
  writeFile(
    join(folder, 'metrics.jsonl'),
    Array.from({ length: steps }, (_, step) => {
      const record = {
        step,
        epoch: 1,
        split: 'train',
        timeInSeconds: step,
        metrics: { loss: Math.sin(step), once: 7 },
      };
      if (step > 0) delete (record.metrics as { once?: number }).once;
      return `${JSON.stringify(record)}\n`;
    }).join(''),
  );
/** Text of the rows of a table. */
const rowsOf = (html: string): string[] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    row!.replaceAll(/<\/t[dh]><t[dh][^>]*>/g, ' | ').replaceAll(/<[^>]+>/g, ''),
  );

it('shows metrics beside baselines, facts, configuration and the command to repeat the run, without external files', async () => {
  await write(
    'summary.json',
    exampleSummary({
      parameters: 418_104,
      wallTimeInSeconds: 185,
      precision: 'bfloat16',
      metrics: { test: { loss: 101.23456789, ownFigure: 0.5 } },
      baselines: { pixelMean: { loss: 205 } },
    }),
  );
  await write('summary-evaluate.json', exampleSummary({ command: 'evaluate', status: 'failed' }));
  await writeMetrics(3);
  await mkdir(join(folder, 'figures'));
  await writeFile(join(folder, 'figures', 'a-&-b.png'), 'PNG');
  const html = await renderReport(folder);

  const rows = rowsOf(html);
  expect(rows.slice(0, 3)).toEqual([' | loss | own figure', 'test | 101.235 | 0.5', 'baseline: pixel mean | 205 | ']);
  expect(rows).toContain('model.sizes | [512,256]');
  expect(rows).toContain('once | train | 0 | 7');
  expect(rows).toContain(`Node | ${process.version}`);
  for (const fact of ['<dd>3 min 5 s</dd>', '<dd>418,104</dd>', 'class="status-failed"']) expect(html).toContain(fact);
  expect(html).toContain(
    `pnpm --filter vae train --config &#39;${folder.replace("'", '&#39;\\&#39;&#39;')}/config.json&#39; --backend cpu --precision bfloat16`,
  );
  expect(html.indexOf('<h2>train</h2>')).toBeLessThan(html.indexOf('<h2>evaluate</h2>'));
  expect(html).toContain('<figcaption>a &amp; b</figcaption>');
  expect(html).toContain('&lt;script&gt;x');
  expect(html).not.toMatch(/<script|<link|(?:src|href)="(?!data:)|url\(/);
});

it('stays small for curves with many points', async () => {
  await writeMetrics(50_000);
  expect((await renderReport(folder)).length).toBeLessThan(100_000);
});

it('exists for a run that ended before its first metrics', async () => {
  const html = await renderReport(folder);
  expect(html).toContain('<h2>Configuration</h2>');
  expect(html).not.toContain('<h2>Curves</h2>');
});
