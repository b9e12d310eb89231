import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Summary {
  readonly metrics: Readonly<Record<'validation' | 'bestValidation', Record<string, number>>>;
  readonly baselines: Record<string, Record<string, number>>;
}

/** Runs the command line as users' scripts do. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);

describe('command line', () => {
  let folder: string;
  let text: string;
  let trained: string;
  const tiny = ['--set', 'model.units=6', '--set', 'data.windowLength=8', '--batch-size', '4'];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-char-rnn-'));
    text = join(folder, 'text.txt');
    trained = join(folder, 'run');
    await writeFile(text, 'The sea was calm.\nAll was still!\n'.repeat(40));
    const argv = ['--json', '--backend', 'cpu', '--data', text, '--out', trained, '--steps', '4', ...tiny];
    const { status, output, errors } = await run('train', ...argv);
    expect({ status, errors: errors.split('\n').filter((line) => line.includes('Error')) }).toEqual({
      status: 0,
      errors: [],
    });
    expect(JSON.parse(output)).toMatchObject({ status: 'completed', backend: 'cpu', steps: 4 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('trains and draws figures', async () => {
    const summary = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    expect(Object.keys(summary.metrics.validation)).toEqual(['loss', 'bitsPerCharacter']);
    expect(Object.keys(summary.baselines)).toEqual(['unigram', 'bigram', 'fiveGram']);
    for (const name of ['learning-curve', 'surprise', 'cell-place-in-the-line', 'sample-at-0-8'])
      for (const type of ['png', 'svg']) expect(existsSync(join(trained, 'figures', `${name}.${type}`))).toBe(true);
  });

  it('evaluates to the same metrics', async () => {
    const evaluated = await run('evaluate', '--json', '--backend', 'cpu', '--run', trained, '--data', text);
    expect(evaluated).toMatchObject({ status: 0 });
    const summary = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    expect((JSON.parse(evaluated.output) as Summary).metrics).toEqual({ validation: summary.metrics.bestValidation });
    expect((JSON.parse(evaluated.output) as Summary).baselines).toEqual(summary.baselines);
  });

  it('continues a prompt, the same on each call', async () => {
    const argv = [
      '--backend',
      'cpu',
      '--run',
      trained,
      '--prompt',
      'The sea',
      '--length',
      '30',
      '--temperature',
      '0.7',
    ];
    const [one, two] = await Promise.all([0, 1].map(() => run('sample', ...argv, '--top-k', '5', '--top-p', '0.9')));
    expect(one).toMatchObject({ status: 0 });
    expect(one!.output).toContain('\nThe sea');
    expect(two!.output.split('completed')[0]).toBe(one!.output.split('completed')[0]);
  });

  it.each([
    ['train', 'empty', '', /empty\.txt: expected a text, found an empty file$/],
    ['train', 'one', 'aaaa'.repeat(300), /one\.txt: expected a text of two symbols or more, found only "a"$/],
    ['train', 'short', 'a short text', /training text: expected a window of 8 symbols .* found 10$/],
    ['train', 'latin', Uint8Array.of(0x61, 0xe9, 0x62), /latin\.txt: byte 1: expected UTF-8, found 0xe9$/],
    [
      'evaluate',
      'other',
      'sähe'.repeat(99),
      /other\.txt: character 1: expected one of the vocabulary, found "ä" \(\d+ symbols/,
    ],
  ])('%s ends with 2 and one line at a text that is %s', async (command, name, contents, line) => {
    const path = join(folder, `${name}.txt`);
    await writeFile(path, contents);
    const out = join(folder, `out-${name}`);
    const rest = command === 'train' ? ['--out', out, ...tiny] : ['--run', trained];
    const { status, errors } = await run(command, '--backend', 'cpu', '--data', path, ...rest);
    expect(errors.trim().split('\n').at(-1)).toMatch(line);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    ['--prompt', 'The→', '--prompt: character 3: expected one of the vocabulary, found "→"'],
    ['--temperature', '-1', '--temperature'],
    ['--set', 'model.units=7', 'state dict: tensor "layers.0.weight_ih"'],
  ])('sample ends with 2 and one line at %s %s', async (flag, value, line) => {
    const { status, errors } = await run('sample', '--backend', 'cpu', '--run', trained, flag, value);
    expect(errors.trim().split('\n').at(-1)).toContain(line);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
  });

  it('refuses to resume with a text of other symbols', async () => {
    const path = join(folder, 'resumed.txt');
    await writeFile(path, 'Other text of more symbols: 0123456789.\n'.repeat(40));
    const argv = ['--backend', 'cpu', '--resume', trained, '--data', path, '--steps', '8'];
    const other = await run('train', ...argv);
    expect([other.status, other.errors.trim().split('\n').at(-1)]).toEqual([
      2,
      expect.stringMatching(
        /resumed\.txt: expected the data of the training, \S+text\.txt \(\S+\), found other content/,
      ),
    ]);
    // A run without a record of its data is told by its vocabulary.
    await rm(join(trained, 'data.json'));
    const { status, errors } = await run('train', ...argv);
    expect(errors.trim().split('\n').at(-1)).toMatch(
      /checkpoint: expected the \d+ symbols of the text, found \d+ of another/,
    );
    expect(status).toBe(2);
  });
});
