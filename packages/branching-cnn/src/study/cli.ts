#!/usr/bin/env node
/**
 * The study of the README: trains every piece that is not there yet, each in a process of its own, goes on with those that
 * were ended, and writes the table and the figures. `study` runs all of it, `study NAME…` variants or pieces, `study
 * --report` none.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError, type MetricRecord } from '@motley/core';
import {
  findWorkspaceRoot,
  lineChart,
  readMetrics,
  scatterChart,
  writeFileAtomically,
  type Figure,
} from '@motley/core/node';
import { z } from 'zod';
import { PIECES, VARIANTS, type Piece } from './pieces.ts';
import { table, type PieceResult } from './table.ts';

const root = join(findWorkspaceRoot(), 'runs', 'branching-cnn', 'study');

const summary = z.object({
  status: z.string(),
  samplesPerSecond: z.number().nullable(),
  metrics: z.object({ test: z.record(z.string(), z.number().nullable()).optional() }),
});

/** What a piece has come to; undefined where it has not ended. */
async function resultOf({ name, variant }: Piece): Promise<PieceResult | undefined> {
  const path = join(root, name, 'summary.json');
  if (!existsSync(path)) return undefined;
  const { status, samplesPerSecond, metrics } = summary.parse(JSON.parse(await readFile(path, 'utf8')));
  if (status !== 'completed' || metrics.test === undefined) return undefined;
  return { variant, test: metrics.test, samplesPerSecond };
}

/** Trains a piece, or goes on with it. @returns the exit status */
function train(piece: Piece): Promise<number> {
  const folder = join(root, piece.name);
  const given = existsSync(join(folder, 'config.json')) ? ['--resume', folder] : [...piece.arguments, '--out', folder];
  const cli = join(import.meta.dirname, '..', 'cli.ts');
  const child = spawn(process.execPath, [...process.execArgv, cli, 'train', ...given], { stdio: 'inherit' });
  // Ctrl-C reaches the training by itself, which saves a checkpoint and ends: the study waits for that.
  const wait = (): void => undefined;
  const pass = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject).on('close', (status) => {
      resolve(status ?? 1);
    });
  }).finally(() => process.off('SIGINT', wait).off('SIGTERM', pass));
}

/** Pieces by their own name or by their variant's. @throws UserError naming what there is */
function chosen(names: readonly string[]): readonly Piece[] {
  if (names.length === 0) return PIECES;
  return names.flatMap((name) => {
    const found = PIECES.filter((piece) => piece.name === name || piece.variant === name);
    if (found.length === 0)
      throw new UserError(
        `study: expected variants (${Object.keys(VARIANTS).join(', ')}) or a piece as ${PIECES[0]!.name}, got "${name}"`,
      );
    return found;
  });
}

/** Validation accuracy against epochs: the means of each variant's seeds. */
async function learningCurves(): Promise<Figure> {
  const lines = [];
  for (const [variant, { description }] of Object.entries(VARIANTS)) {
    const curves: MetricRecord[][] = [];
    for (const piece of PIECES.filter((each) => each.variant === variant))
      if ((await resultOf(piece)) !== undefined)
        curves.push([...(await readMetrics(join(root, piece.name, 'metrics.jsonl')))]);
    const points = (curves[0] ?? []).flatMap(({ epoch, split, step }): [number, number][] => {
      if (split !== 'validation') return [];
      const values = curves.flatMap((records) =>
        records.filter((each) => each.step === step && each.split === split).map(({ metrics }) => metrics.accuracy!),
      );
      return [[epoch, (100 * values.reduce((sum, value) => sum + value, 0)) / values.length]];
    });
    if (points.length > 0) lines.push({ name: description, points });
  }
  return lineChart({
    title: 'MNIST, by batch and normalisation',
    xName: 'epoch',
    yName: 'validation accuracy (%)',
    lines,
    width: 900,
    height: 560,
  });
}

/** Every piece's test accuracy against what an image costs it. */
function accuracyAgainstCompute(results: readonly PieceResult[]): Figure {
  const own = results.filter(({ variant }) => !variant.startsWith('batch-norm'));
  const names = [...new Set(own.map(({ variant }) => variant))];
  return scatterChart({
    title: 'Accuracy against compute',
    xName: 'multiply-adds per image (millions)',
    yName: 'test accuracy (%)',
    x: own.map(({ test }) => test.multiplyAddsPerImage! / 1e6),
    y: own.map(({ test }) => 100 * test.accuracy!),
    categories: own.map(({ variant }) => names.indexOf(variant)),
    categoryNames: names.map((variant) => VARIANTS[variant]!.description),
    width: 820,
    height: 540,
  });
}

async function report(): Promise<void> {
  const found = await Promise.all(PIECES.map(resultOf));
  const results = found.filter((result) => result !== undefined);
  if (results.length === 0) throw new UserError(`study: expected trainings in ${root}, found none`);
  const descriptions = Object.fromEntries(
    Object.entries(VARIANTS).map(([name, { description }]) => [name, description]),
  );
  const text = table(results, descriptions);
  await writeFileAtomically(join(root, 'table.md'), `${text}\n`);
  for (const [name, figure] of [
    ['learning-curves', await learningCurves()],
    ['accuracy-against-compute', accuracyAgainstCompute(results)],
  ] as const)
    await writeFileAtomically(join(root, `${name}.png`), figure.png);
  process.stdout.write(`${text}\n${root}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  const pieces = argv.includes('--report') ? [] : chosen(argv);
  await mkdir(root, { recursive: true });
  for (const piece of pieces) {
    if ((await resultOf(piece)) !== undefined) continue;
    process.stdout.write(`${piece.name}: ${piece.description}\n`);
    const status = await train(piece);
    if (status !== 0) return status;
  }
  await report();
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  return error instanceof UserError ? error.exitCode : 1;
});
