import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = join(import.meta.dirname, 'cli.ts');
/** Runs the command line as package scripts do. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(cli, argv);

// Starting processes is slow on a busy machine.
describe('the command line', { timeout: 300_000 }, () => {
  let folder: string;
  let text: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-by-hand-'));
    text = join(folder, 'text.txt');
    trained = join(folder, 'run');
    await writeFile(text, 'Was it a car, or a cat, that I saw?\nNo: it was a cat.\n'.repeat(30));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const small = ['--set', 'model.hiddenSize=12', '--set', 'training.sampleEverySteps=20', '--steps', '40'];

  it('trains, evaluates, samples and draws figures, with the backend scratch', async () => {
    const out = await run('train', '--json', '--data', text, '--out', trained, ...small);
    expect(out).toMatchObject({ status: 0 });
    const summary = JSON.parse(out.output) as { metrics: { validation: Record<string, number> } };
    expect(summary).toMatchObject({ backend: 'scratch', precision: 'float32', status: 'completed', steps: 40 });
    expect(Object.keys(summary.metrics.validation)).toEqual(['loss', 'bitsPerCharacter']);
    expect(out.errors).toContain('--- after 20 steps:\nW');
    for (const name of ['learning-curve', 'unit-place-in-the-word', 'unit-vowel'])
      expect(existsSync(join(trained, 'figures', `${name}.png`))).toBe(true);

    const evaluated = await run('evaluate', '--json', '--run', trained, '--data', text);
    expect((JSON.parse(evaluated.output) as typeof summary).metrics).toEqual(summary.metrics);
    const argv = ['sample', '--run', trained, '--prompt', 'No: it', '--length', '30'];
    const [written, again] = [await run(...argv), await run(...argv)];
    expect(written).toMatchObject({
      status: 0,
      output: again.output.replace(/completed in .*/, /completed in .*/.exec(written.output)![0]),
    });
    expect(written.output).toMatch(/\nNo: it[^]{30}\n/);
    await rm(join(trained, 'figures'), { recursive: true });
    expect(await run('figures', '--run', trained, '--data', text)).toMatchObject({ status: 0 });
    expect(existsSync(join(trained, 'figures', 'unit-vowel.svg'))).toBe(true);
  });

  it('resumes to the same weights after it was killed', async () => {
    const options = ['--data', text, '--set', 'model.hiddenSize=12', '--set', 'training.sampleEverySteps=100'];
    options.push('--set', 'training.validateEverySteps=100', '--steps', '2000');
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
    expect(await run('train', ...options, '--out', whole)).toMatchObject({ status: 0 });
    const { status } = await runProgram(cli, ['train', ...options, '--out', killed], {
      onOutput: (written, child) => {
        if (written.includes('after 400 steps')) child.kill('SIGKILL');
      },
    });
    expect(status).toBe(null);
    expect(await run('train', '--resume', killed, '--data', text)).toMatchObject({ status: 0 });
    for (const file of ['step-2000.safetensors', 'step-2000.optimizer.safetensors']) {
      const [expected, found] = [whole, killed].map((path) => readFile(join(path, 'checkpoints', file)));
      expect((await found!).equals(await expected!)).toBe(true);
    }
  });

  it.each([
    ['an empty file', '', [], 'text.txt: expected a text, found an empty file'],
    ['a wrong value', 'abc', ['--learning-rate', '-1'], '--learning-rate: training.learningRate expected'],
  ])('exits with 2 and one line on %s', async (_, content, flags, line) => {
    const bad = join(folder, 'bad-text.txt');
    await writeFile(bad, content);
    const out = join(folder, 'bad');
    const { status, errors } = await run('train', '--data', bad, '--out', out, ...flags);
    expect(errors.trim().split('\n').at(-1)).toContain(line);
    expect(errors).not.toContain('    at ');
    expect(status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses a prompt and a text with unknown characters, and a checkpoint of another shape', async () => {
    const other = join(folder, 'other.txt');
    await writeFile(other, 'Straße\n'.repeat(40));
    for (const [line, ...argv] of [
      ['--prompt: character 1: expected a known character, found "ß", one of the text', 'sample', '--prompt', 'aß'],
      ['other.txt: character 0: expected a known character, found "S", one of the text', 'evaluate', '--data', other],
      ['expected "rnn.weight_ih_l0" [13,', 'evaluate', '--data', text, '--set', 'model.hiddenSize=13'],
    ] as const) {
      const [command, ...rest] = argv;
      const { status, errors } = await run(command, '--run', trained, ...rest);
      expect(errors.trim().split('\n').at(-1)).toContain(line);
      expect(status).toBe(2);
    }
  });
});
