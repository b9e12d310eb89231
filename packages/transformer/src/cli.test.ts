import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Summary {
  readonly status: string;
  readonly steps: number;
  readonly metrics: { readonly test: Record<string, number> };
  readonly baselines: Record<string, Record<string, number>>;
}

const CLI = join(import.meta.dirname, 'cli.ts');
const TINY = [
  'model.width=16',
  'model.heads=2',
  'model.layers=1',
  'model.feedForwardWidth=32',
  'data.sentences=120',
  'data.heldOut=4',
  'data.merges=300',
  'data.bucketBoundaries=48',
  'training.batchSize=24',
].flatMap((each) => ['--set', each]);

describe('command line', () => {
  let folder: string;
  let trained: string;
  const run = (...argv: readonly string[]): Promise<Ended> => runProgram(CLI, [...argv, '--backend', 'cpu']);
  const onRun = (command: string, argv: readonly string[], input?: string | Uint8Array): Promise<Ended> =>
    runProgram(CLI, [command, '--backend', 'cpu', '--run', trained, ...argv], input === undefined ? {} : { input });
  const lineOf = ({ errors }: Ended): string => errors.trim().split('\n').at(-1)!;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-transformer-'));
    trained = join(folder, 'run');
    const { status, output, errors } = await run('train', '--json', '--out', trained, '--steps', '4', ...TINY);
    expect({ status, errors: errors.split('\n').filter((line) => line.includes('rror')) }).toEqual({
      status: 0,
      errors: [],
    });
    const summary = JSON.parse(output) as Summary;
    expect(summary).toMatchObject({ status: 'completed', steps: 4 });
    expect(Object.keys(summary.metrics.test)).toEqual(['loss', 'bleu', 'chrf', 'exact']);
    expect(Object.keys(summary.baselines)).toEqual(['copying', 'wordForWord', 'nearestNeighbor']);
  }, 180_000); // a process that starts and trains, on a machine that may do much besides
  afterAll(() => rm(folder, { recursive: true }));

  it('trains and draws figures', async () => {
    for (const name of ['learning-curve', 'attention-encoder-1', 'attention-decoder-1-cross'])
      for (const type of ['png', 'svg']) expect(existsSync(join(trained, 'figures', `${name}.${type}`))).toBe(true);
    const page = await readFile(join(trained, 'translations.html'), 'utf8');
    expect(page.match(/<tr>/gu)).toHaveLength(5);
  });

  it('evaluates to the same metrics', async () => {
    const { status, output } = await onRun('evaluate', ['--json']);
    expect(status).toBe(0);
    const summary = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    expect((JSON.parse(output) as Summary).metrics.test).toEqual(summary.metrics.test);
  });

  it('translates arguments, files and standard input alike, and keeps empty lines', async () => {
    const text = 'The man sees a door.\n\nA woman sleeps.\n';
    const file = join(folder, 'text.txt');
    await writeFile(file, text);
    const [heading, ...lines] = (await onRun('predict', ['The man sees a door.', 'A woman sleeps.'])).output.split(
      '\n',
    );
    const [first, second, end] = lines;
    expect(heading).toContain('float32');
    expect(end).toMatch(/^completed/);
    const expected = [first, '', second].join('\n');
    const output = join(folder, 'translated.txt');
    const ofFile = await onRun('predict', ['--file', file, '--output', output]);
    expect(ofFile.output.split('\n')[1]).toMatch(/^completed/);
    expect(await readFile(output, 'utf8')).toBe(`${expected}\n`);
    const ofInput = await onRun('predict', ['--stream', '--json'], text);
    expect(ofInput.status).toBe(0);
    expect(ofInput.errors.split('\n').slice(1, 4).join('\n')).toBe(expected);
    expect(JSON.parse(ofInput.output)).toMatchObject({ command: 'predict', status: 'completed' });
  });

  it('exports pairs and vocabulary', async () => {
    const { status } = await onRun('export', []);
    expect(status).toBe(0);
    const pairs = JSON.parse(await readFile(join(trained, 'pairs.json'), 'utf8')) as Record<string, unknown[]>;
    expect([pairs.training!.length, pairs.test!.length, pairs.references!.length]).toEqual([120, 4, 4]);
    expect(JSON.parse(await readFile(join(trained, 'vocabulary.json'), 'utf8'))).toMatchObject({ type: 'bpe' });
  });

  it.each([
    [
      'a long sentence',
      ['dog '.repeat(10_000)],
      /^predict: argument 1: expected a sentence of at most 127 symbols .* got \d+: cut it/,
    ],
    ['a beam that streams', ['--stream', '--beam', '4', 'A dog.'], /^--stream: expected --beam 1, .* got 4$/],
    [
      'another network',
      ['--set', 'model.width=8', 'A dog.'],
      /^state dict: tensor "embedding\.tokens\.weight" expected/,
    ],
  ])('predict with %s ends with 2 and one line', async (_, argv, line) => {
    const ended = await onRun('predict', argv);
    expect(lineOf(ended)).toMatch(line);
    expect(ended.errors).not.toContain('    at ');
    expect(ended.status).toBe(2);
  });

  it('names a line of standard input that is not UTF-8', async () => {
    const ended = await onRun('predict', [], Uint8Array.of(0x61, 0x0a, 0xe4, 0x0a));
    expect(lineOf(ended)).toBe('standard input: line 2: byte 0: expected UTF-8, found 0xe4');
    expect(ended.status).toBe(2);
  });

  it('exits with 2 and one line without data, and creates no folder', async () => {
    const out = join(folder, 'out');
    const ended = await run('train', '--out', out, '--preset', 'multi30k');
    expect(lineOf(ended)).toMatch(/^--data: expected the folder with Multi30k's train\.en/);
    expect(ended.status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses to resume with another vocabulary', async () => {
    const ended = await run('train', '--resume', trained, '--steps', '8', '--set', 'data.seed=5');
    expect(lineOf(ended)).toMatch(/^checkpoint: expected the vocabulary of the training pairs, 300 merges, found 300/);
    expect(ended.status).toBe(2);
  });
});
