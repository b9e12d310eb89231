import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bleu, chrf, createSchedule } from '@motley/core';
import { type Tokenizer, tokenizerFromJSON } from '@motley/core/text';
import { UserError, largest, parseJson } from '@motley/run';
import { config as transformerConfig, SYMBOLS_PER_PAIR, type TransformerConfig } from '@motley/transformer';
import { markdownTable } from '../results.ts';
import { python, pythonProblem } from '../training/python.ts';

const script = join(import.meta.dirname, '..', '..', 'python', 'torch_translation.py');

/** A run of packages/transformer: its settings, its metrics and its pairs as symbols. */
interface Run {
  readonly folder: string;
  readonly config: TransformerConfig;
  readonly summary: {
    readonly steps: number;
    readonly parameters: number;
    readonly wallTimeInSeconds: number;
    readonly metrics: { readonly test: Readonly<Record<'loss' | 'bleu' | 'chrf' | 'exact', number>> };
  };
  readonly references: readonly string[];
  readonly tokenizer: Tokenizer;
}

/** Output of torch_translation.py. */
interface PyTorchResult {
  readonly version: string;
  readonly parameters: number;
  readonly testLoss: number;
  readonly trainingTimeInSeconds: number;
  readonly decodingTimeInSeconds: number;
  readonly translations: readonly (readonly number[])[];
}

/** One side of the comparison. */
interface Row {
  readonly name: string;
  readonly seed: number;
  readonly parameters: number;
  readonly loss: number;
  readonly bleu: number;
  readonly chrf: number;
  readonly exact: number;
  readonly timeInSeconds: number;
}

/**
 * Trains PyTorch's nn.Transformer on the pairs of each run, with the run's settings and seed. Translates the test sentences,
 * and compares both sides by BLEU and chrF.
 *
 * @param report called as the work goes on
 * @returns a page with both side by side
 * @throws UserError if a folder is no completed run of a translator
 * @throws Error if PyTorch fails
 */
export async function compareTranslations(
  folders: readonly string[],
  threads: number,
  report: (line: string) => void,
): Promise<string> {
  const problem = pythonProblem('torch');
  if (problem !== undefined) throw new Error(`PyTorch: ${problem}`);
  const runs = folders.map((folder) => readRun(resolve(process.env.INIT_CWD ?? '.', folder)));
  const rows: Row[] = [];
  for (const run of runs) {
    const { seed } = run.config.training;
    report(`${run.folder}: PyTorch trains ${run.summary.steps} steps with seed ${seed}`);
    const { parameters, wallTimeInSeconds, metrics } = run.summary;
    rows.push({ name: 'ours', seed, parameters, timeInSeconds: wallTimeInSeconds, ...metrics.test });
    const theirs = await trainPyTorch(run, threads, report);
    const texts = theirs.translations.map((symbols) => run.tokenizer.decode(symbols));
    rows.push({
      name: `PyTorch ${theirs.version}`,
      seed,
      parameters: theirs.parameters,
      loss: theirs.testLoss,
      bleu: bleu(texts, run.references).score,
      chrf: chrf(texts, run.references),
      exact: texts.filter((text, index) => text === run.references[index]).length / texts.length,
      timeInSeconds: theirs.trainingTimeInSeconds + theirs.decodingTimeInSeconds,
    });
  }
  const [{ config, summary }] = runs as [Run];
  return toMarkdown(rows, { config, steps: summary.steps }, threads);
}

/** A table of both sides, seed by seed. */
export function toMarkdown(
  rows: readonly Row[],
  { config, steps }: Pick<Run, 'config'> & { readonly steps: number },
  threads: number,
): string {
  return [
    '# Translation: packages/transformer and nn.Transformer',
    '',
    `${steps} steps on the same pairs (${config.data.source}), of the same batch sizes, by the same learning rates; the best weights by validation, beam ${config.decoding.beam}. The time is that of the whole: ours with the learning of its vocabulary, its pictures and what it logs; PyTorch's begins with its pairs as symbols (threads: ${threads}). ${new Date().toISOString().slice(0, 10)}.`,
    '',
    markdownTable(
      ['', 'seed', 'parameters', 'test, nats', 'BLEU', 'chrF', 'exact', 'seconds'],
      rows.map(({ name, seed, parameters, loss, bleu: score, chrf: characters, exact, timeInSeconds }) => [
        name,
        String(seed),
        parameters.toLocaleString('en'),
        loss.toFixed(3),
        score.toFixed(2),
        characters.toFixed(2),
        `${(100 * exact).toFixed(1)} %`,
        timeInSeconds.toFixed(0),
      ]),
    ),
    '',
  ].join('\n');
}

/** @throws UserError naming the file, with the expected and the actual content */
export function readRun(folder: string): Run {
  const read = (name: string, cure: string): unknown => {
    const path = join(folder, name);
    if (!existsSync(path))
      throw new UserError(`--run: ${path}: expected a file of a run of packages/transformer, found none; ${cure}`);
    return parseJson(readFileSync(path, 'utf8'), `--run: ${path}`, 'a file of a run');
  };
  const summary = read('summary.json', 'name the folder of a completed training') as Run['summary'];
  if ((summary as Partial<Run['summary']>).metrics?.test.bleu === undefined)
    throw new UserError(
      `--run: ${join(folder, 'summary.json')}: expected the test's BLEU of a completed training, found none`,
    );
  const pairs = read('pairs.json', `pnpm --filter transformer export --run ${folder}`) as Pick<Run, 'references'>;
  return {
    folder,
    summary,
    config: transformerConfig.schema.parse(read('config.json', 'name the folder of a training')),
    references: pairs.references,
    tokenizer: tokenizerFromJSON(read('vocabulary.json', `pnpm --filter transformer export --run ${folder}`)),
  };
}

async function trainPyTorch(
  { folder, config, summary }: Run,
  threads: number,
  report: (line: string) => void,
): Promise<PyTorchResult> {
  const { bucketBoundaries } = config.data;
  const { maxLength } = config.model;
  const { seed, batchSize, betas } = config.training;
  const schedule = createSchedule(config.training, summary.steps);
  const assignment = {
    pairs: join(folder, 'pairs.json'),
    config,
    seed,
    threads,
    boundaries: largest(bucketBoundaries) === maxLength ? bucketBoundaries : [...bucketBoundaries, maxLength],
    symbolsPerBatch: batchSize * SYMBOLS_PER_PAIR,
    betas: betas ?? [0.9, 0.999],
    learningRates: Array.from({ length: summary.steps }, (_, step) => schedule(step)),
  };
  const temporary = mkdtempSync(join(tmpdir(), 'motley-bench-'));
  try {
    const path = join(temporary, 'assignment.json');
    writeFileSync(path, JSON.stringify(assignment));
    return JSON.parse(await output(python, ['-W', 'ignore', script, path], report)) as PyTorchResult;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Output of a program; its errors are reported line by line.
 * @throws Error with its last line if it fails
 */
function output(program: string, args: readonly string[], report: (line: string) => void): Promise<string> {
  return new Promise((resolved, rejected) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [text, last] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.stderr.on('data', (data: Buffer) => {
      for (const line of data
        .toString()
        .split('\n')
        .filter((each) => each.trim() !== ''))
        report((last = line));
    });
    child.on('error', rejected);
    child.on('close', (status) => {
      if (status === 0) resolved(text);
      else rejected(new Error(`PyTorch: ${last}`));
    });
  });
}
