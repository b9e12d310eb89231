import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricRecord } from '@motley/run';
import type { Summary } from '@motley/run/node';
import { runProgram, type Ended, type ProgramOptions } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runLearner } from './testing/learner.ts';

const learner = join(import.meta.dirname, 'testing/learner-cli.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-commands-'));
  // A workspace of its own, where `runs/` is looked for.
  await writeFile(join(folder, 'pnpm-workspace.yaml'), '');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the learner in a process of its own. */
const run = (argv: readonly string[], options?: Omit<ProgramOptions, 'environment'>): Promise<Ended> =>
  runProgram(learner, argv, { cwd: folder, ...options });

/** Runs the learner in this process. */
async function runHere(argv: readonly string[], cwd: string): Promise<Ended> {
  const written = { output: '', errors: '' };
  const before = process.cwd();
  process.chdir(cwd);
  for (const [stream, name] of [
    [process.stdout, 'output'],
    [process.stderr, 'errors'],
  ] as const) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
  try {
    return { status: await runLearner(argv), ...written };
  } finally {
    vi.restoreAllMocks();
    process.chdir(before);
  }
}

const json = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
const metricsOf = async (path: string): Promise<MetricRecord[]> =>
  (await readFile(join(path, 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MetricRecord);
const lastLine = (text: string): string => text.trim().split('\n').at(-1)!;

describe('train', () => {
  it('leaves a whole run folder under the workspace root, which the other commands find', async () => {
    await mkdir(join(folder, 'below'));
    const trained = await run(['train', '--backend', 'cpu', '--set', 'target=5'], { cwd: join(folder, 'below') });
    expect(trained).toMatchObject({ status: 0 });
    expect(trained.output).toContain('test: loss ');
    const names = await readdir(join(folder, 'runs/learner'));
    expect(names).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/)]);
    const path = join(folder, 'runs/learner', names[0]!);
    expect((await readdir(path)).filter((name) => !name.startsWith('events.'))).toEqual([
      'checkpoints',
      'config.json',
      'metrics.jsonl',
      'report.html',
      'summary.json',
    ]);
    expect(await json(join(path, 'config.json'))).toMatchObject({ target: 5, training: { epochs: 3, seed: 0 } });
    expect((await metricsOf(path)).map(({ step }) => step)).toEqual([10, 20, 30]);

    const evaluated = await run(['evaluate', '--backend', 'cpu', '--json', '--count', '7']);
    expect(evaluated.status).toBe(0);
    const summary = JSON.parse(evaluated.output) as Summary;
    expect(summary).toMatchObject({ command: 'evaluate', status: 'completed', metrics: { test: { count: 7 } } });
    expect(summary.metrics.test!.loss).toBeLessThan(0.001);
    expect(await json(join(path, 'summary-evaluate.json'))).toEqual(summary);
    expect(await readFile(join(path, 'report.html'), 'utf8')).toContain('<h2>evaluate</h2>');
  });

  it('prints nothing but the summary on standard output with --json', async () => {
    const out = join(folder, 'json');
    const { status, output, errors } = await run([
      'train',
      '--json',
      '--fast',
      '--backend',
      'cpu',
      '--out',
      out,
      '--no-compile',
      '--log',
      'tensorboard',
    ]);
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(await json(join(out, 'summary.json'))).toEqual(summary);
    expect(summary).toMatchObject({
      system: 'learner',
      command: 'train',
      status: 'completed',
      backend: 'cpu',
      device: 'CPU (JavaScript)',
      tensorflow: null,
      precision: 'float32',
      compiled: false,
      seed: 0,
      epochs: 1,
      steps: 10,
      parameters: 1,
      samplesPerSecond: 1000,
      baselines: { zero: { loss: 9 } },
    });
    expect(summary.wallTimeInSeconds).toBeGreaterThan(0);
    expect(summary.peakMemoryInBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(errors).toContain('cpu on CPU (JavaScript), float32');
    expect(errors).toContain('epoch 1/1 · step 10/10');
  });

  it('saves a checkpoint at SIGINT, exits with 130, and goes on from there', async () => {
    const out = join(folder, 'stopped');
    let isKilled = false;
    const stopped = await run(['train', '--steps', '1000000000', '--backend', 'cpu', '--out', out, '--json'], {
      onOutput(text, child) {
        if (!isKilled && text.includes('step 10/')) isKilled = child.kill('SIGINT');
      },
    });
    expect(stopped.status).toBe(130);
    expect(stopped.errors).toContain('interrupted: saving a checkpoint');
    const { steps, status } = JSON.parse(stopped.output) as Summary;
    expect(status).toBe('stopped');
    expect(await readFile(join(out, 'checkpoints/last'), 'utf8')).toBe(`step-${steps!}\n`);

    const resumed = await run(['train', '--resume', out, '--steps', String(steps! + 20), '--backend', 'cpu']);
    expect(resumed).toMatchObject({ status: 0 });
    expect(resumed.output).not.toContain('from 0\n');
    expect(await json(join(out, 'summary.json'))).toMatchObject({ status: 'completed', steps: steps! + 20 });
    const logged = (await metricsOf(out)).map(({ step }) => step);
    expect(logged.slice(-2)).toEqual([steps! + 10, steps! + 20]);
    expect(new Set(logged).size).toBe(logged.length);
  });

  it('starts again where it was killed before its first checkpoint, and goes on from the one named', async () => {
    const out = join(folder, 'killed');
    const argv = ['--backend', 'cpu'];
    expect((await runHere(['train', '--out', out, ...argv], folder)).status).toBe(0);
    const older = await runHere(['train', '--resume', out, '--checkpoint', '20', '--steps', '25', ...argv], folder);
    expect(older.status).toBe(0);
    expect((await metricsOf(out)).map(({ step }) => step)).toEqual([10, 20, 25]);
    await rm(join(out, 'checkpoints'), { recursive: true });
    const again = await runHere(['train', '--resume', out, '--steps', '10', ...argv], folder);
    expect(again).toMatchObject({ status: 0, output: expect.stringContaining('from 0\n') as string });
    expect((await metricsOf(out)).map(({ step }) => step)).toEqual([10]);
    const none = await runHere(['evaluate', '--run', out, '--checkpoint', '99', ...argv], folder);
    expect(none).toMatchObject({
      status: 2,
      errors: expect.stringContaining('there are others: --checkpoint 10') as string,
    });
  });

  it('ends at once at a second signal', async () => {
    const sent: string[] = [];
    const { status } = await run(['train', '--fail', 'hang', '--backend', 'cpu', '--out', join(folder, 'hang')], {
      onOutput(text, child) {
        for (const [mark, signal] of [
          ['hanging', 'SIGINT'],
          ['interrupted', 'SIGTERM'],
        ] as const) {
          if (text.includes(mark) && !sent.includes(signal)) {
            sent.push(signal);
            child.kill(signal);
          }
        }
      },
    });
    expect(sent).toEqual(['SIGINT', 'SIGTERM']);
    expect(status).toBe(130);
  });

  it('leaves the stack of a defect in error.log, and one line', async () => {
    const out = join(folder, 'defect');
    const { status, errors } = await run(['train', '--fail', 'defect', '--backend', 'cpu', '--out', out]);
    expect(status).toBe(1);
    expect(lastLine(errors)).toBe(`train failed: weight is not a function (the stack: ${join(out, 'error.log')})`);
    expect(errors).not.toContain('    at ');
    expect(await readFile(join(out, 'error.log'), 'utf8')).toContain('    at ');
    expect(await json(join(out, 'summary.json'))).toMatchObject({ status: 'failed', metrics: {} });
    expect((await run(['evaluate', '--run', out, '--backend', 'cpu'])).status).toBe(0);
  });

  it('goes on quietly where nobody reads', async () => {
    const { status, errors } = await run(['train', '--fast', '--backend', 'cpu', '--out', join(folder, 'pipe')], {
      onOutput(_, child) {
        child.stdout?.destroy();
      },
    });
    expect(status).toBe(0);
    expect(errors).not.toContain('EPIPE');
  });
});

describe('a mistake', () => {
  const mistakes: readonly (readonly [name: string, argv: readonly string[], line: string | RegExp])[] = [
    [
      'a value',
      ['--learning-rate', 'abc'],
      '--learning-rate: training.learningRate expected a number above 0, got "abc"',
    ],
    ['a flag', ['--learning-rat', '1'], "unknown option '--learning-rat' (Did you mean --learning-rate?)"],
    ['a key', ['--set', 'training.epoch=1'], '--set: unknown key "training.epoch"; did you mean "training.epochs"?'],
    ['a preset', ['--preset', 'fat'], '--preset: unknown preset "fat"; did you mean "far"?'],
    [
      'a backend',
      ['--backend', 'gpu'],
      /argument 'gpu' is invalid\. Allowed choices are auto, tensorflow, webgpu, wasm, cpu\./,
    ],
    [
      'bfloat16 without a compiler',
      ['--precision', 'bfloat16'],
      '--precision bfloat16: expected compiled steps on native TensorFlow, got the backend cpu',
    ],
    [
      'a checkpoint',
      ['--resume', 'x', '--checkpoint', 'lst'],
      '--checkpoint: expected last, best or a step, got "lst"',
    ],
    ['a checkpoint of no run', ['--checkpoint', '3'], '--checkpoint: expected with --resume, which goes on from it'],
    ['a logger', ['--log', 'tensorbord'], '--log: unknown logger "tensorbord"; did you mean "tensorboard"?'],
    [
      "a command's own option",
      ['--fail', 'maybe'],
      '--fail: fail expected one of never, defect, data, hang, got "maybe"',
    ],
    [
      'a configuration',
      ['--config', 'no.json'],
      /no\.json: expected a configuration in JSON, found: no such file or folder$/,
    ],
    ['nothing to go on from', ['--resume'], /^no run of learner in .*runs\/learner; make one/],
    ['a preset with --resume', ['--resume', 'x', '--preset', 'far'], /^--preset: expected without --resume/],
    [
      'a folder below a file',
      ['--out', join(learner, 'run')],
      /^cannot make the folder .*: a part of the path is a file, not a folder$/,
    ],
    [
      'bad data',
      ['--fail', 'data', '--data', '/nowhere', '--out', 'made-for-nothing'],
      '/nowhere: expected data, found none',
    ],
  ];
  it.each(mistakes)('in %s is one line, exit 2, and nothing left behind', async (_, argv, line) => {
    const cwd = await mkdtemp(join(folder, 'mistake-'));
    await writeFile(join(cwd, 'pnpm-workspace.yaml'), '');
    const { status, output, errors } = await runHere(
      ['train', ...(argv.includes('--backend') ? [] : ['--backend', 'cpu']), '--json', ...argv],
      cwd,
    );
    // The line about the backend comes before what the command itself finds.
    const lines = errors
      .trim()
      .split('\n')
      .filter((each) => !each.startsWith('cpu on '));
    expect(lines).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(await readdir(cwd)).toEqual(['pnpm-workspace.yaml']);
  });

  it('on the command line as a whole', async () => {
    const unknown = await runHere(['trian'], folder);
    expect(unknown).toMatchObject({ status: 2, errors: "unknown command 'trian' (Did you mean train?)\n" });
    const none = await runHere([], folder);
    expect(none.status).toBe(2);
    expect(none.errors).toContain('Usage: learner');
    const taken = await runHere(['evaluate', '--epochs', '3'], folder);
    expect(taken.errors).toContain("unknown option '--epochs'");
  });

  it("in a run's folder names the file", async () => {
    const out = join(folder, 'damaged');
    expect((await runHere(['train', '--fast', '--backend', 'cpu', '--out', out], folder)).status).toBe(0);
    const again = await runHere(['train', '--fast', '--backend', 'cpu', '--out', out], folder);
    expect(again).toMatchObject({ status: 2, errors: expect.stringContaining('holds a run already') as string });

    const config = await readFile(join(out, 'config.json'));
    const misfit = await runHere(
      ['train', '--resume', out, '--set', 'target=9', '--fail', 'data', '--backend', 'cpu'],
      folder,
    );
    expect(misfit.status).toBe(2);
    expect(await readFile(join(out, 'config.json'))).toEqual(config);

    await truncate(join(out, 'checkpoints/step-10.safetensors'), 20);
    const damaged = await runHere(['evaluate', '--run', out, '--backend', 'cpu'], folder);
    expect(damaged.status).toBe(2);
    expect(damaged.errors).toMatch(/^\S+step-10\.safetensors: expected a safetensors header[^\n]*\n$/);
    await writeFile(join(out, 'config.json'), '{"layers": 3}');
    expect((await runHere(['evaluate', '--run', out], folder)).errors).toContain('config.json: unknown key "layers"');
    expect((await runHere(['evaluate', '--run', join(out, 'none')], folder)).errors).toContain(
      'no such file or folder',
    );
    expect(existsSync(join(out, 'none'))).toBe(false);
  });
});

describe('help', () => {
  it('gives every option, preset and field with its default and reason', async () => {
    const { status, output } = await runHere(['train', '--help'], folder);
    expect(status).toBe(0);
    for (const option of 'preset config set epochs steps batch-size learning-rate seed fast out resume checkpoint overfit-one-batch backend no-compile precision data log json fail'.split(
      ' ',
    )) {
      expect(output).toContain(`--${option} `);
    }
    expect(output).toContain('far: a target far away');
    expect(output).toContain('a number above 0; default 0.1: below 1, where it would diverge');
  });
});

describe('a command that takes files', () => {
  it('is given them as they are from where the user is; others take none', async () => {
    const out = join(folder, 'for-files');
    expect((await run(['train', '--backend', 'cpu', '--out', out])).status).toBe(0);
    const read = await run(['read', 'a b.png', '--run', out, '--backend', 'cpu', '--', '--odd.png']);
    expect(read.status).toBe(0);
    expect(read.output).toContain(`${join(folder, 'a b.png')} ${join(folder, '--odd.png')}`);
    const stray = await run(['evaluate', 'a.png', '--run', out, '--backend', 'cpu']);
    expect(stray.status).toBe(2);
    expect(stray.errors).toMatch(/^too many arguments[^\n]*\n$/);
  });
});

describe('a command that takes texts', () => {
  it('is given them as they were written, beside flags that need no value', async () => {
    const out = join(folder, 'for-texts');
    expect((await run(['train', '--backend', 'cpu', '--out', out])).status).toBe(0);
    const plain = await run(['say', 'a b', '', '--run', out, '--backend', 'cpu', '--', '--odd']);
    expect(plain.status).toBe(0);
    expect(plain.output).toContain('\nA B||--ODD uncompiled\n');
    const quiet = await run(['say', '--quietly', 'a b', '--json', '--run', out, '--backend', 'cpu']);
    expect(quiet.errors).toContain('\na b uncompiled\n');
    expect(JSON.parse(quiet.output)).toMatchObject({ command: 'say', status: 'completed' });
  });
});
