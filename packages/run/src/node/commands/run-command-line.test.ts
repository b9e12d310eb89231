import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { modulesLoadedWith, runProgram, type Ended, type ProgramOptions } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeArrays } from '../../checkpoint/arrays.ts';
import { CheckpointStore } from '../run/checkpoint-store.ts';
import { readMetrics } from '../run/metrics-log.ts';
import type { Summary } from '../run/summary.ts';
import { runLearner } from './testing/learner.ts';

const learner = join(import.meta.dirname, 'testing/learner-cli.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-commands-'));
  // Workspace that contains `runs/`.
  await writeFile(join(folder, 'pnpm-workspace.yaml'), '');
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the learner in its own process. */
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
/** Steps of the validations in a metrics log. */
const validationsOf = async (path: string): Promise<number[]> =>
  (await readMetrics(join(path, 'metrics.jsonl')))
    .filter(({ split }) => split === 'validation')
    .map(({ step }) => step);
const lastLine = (text: string): string => text.trim().split('\n').at(-1)!;

describe('train', () => {
  it('writes a complete run folder under the workspace root, which the other commands find', async () => {
    await mkdir(join(folder, 'below'));
    const trained = await run(['train', '--set', 'target=5'], { cwd: join(folder, 'below') });
    expect(trained).toMatchObject({ status: 0 });
    expect(trained.output).toContain('test: loss ');
    const names = await readdir(join(folder, 'runs/learner'));
    expect(names).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/)]);
    const path = join(folder, 'runs/learner', names[0]!);
    expect((await readdir(path)).filter((name) => !name.startsWith('events.'))).toEqual([
      'checkpoints',
      'config.json',
      'data.json',
      'metrics.jsonl',
      'report.html',
      'start.json',
      'summary.json',
    ]);
    expect(await json(join(path, 'config.json'))).toMatchObject({ target: 5, training: { epochs: 3, seed: 0 } });
    expect(await validationsOf(path)).toEqual([10, 20, 30]);

    const evaluated = await run(['evaluate', '--json', '--count', '7']);
    expect(evaluated.status).toBe(0);
    const summary = JSON.parse(evaluated.output) as Summary;
    expect(summary).toMatchObject({ command: 'evaluate', status: 'completed', metrics: { test: { count: 7 } } });
    expect(summary.metrics.test!.loss).toBeLessThan(0.001);
    expect(await json(join(path, 'summary-evaluate.json'))).toEqual(summary);
    expect(await readFile(join(path, 'report.html'), 'utf8')).toContain('<h2>evaluate</h2>');
  });

  it('prints nothing but the summary on standard output with --json', async () => {
    const out = join(folder, 'json');
    const { status, output, errors } = await run(['train', '--json', '--fast', '--out', out, '--log', 'tensorboard']);
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(await json(join(out, 'summary.json'))).toEqual(summary);
    expect(summary).toMatchObject({
      system: 'learner',
      command: 'train',
      status: 'completed',
      backend: 'scratch',
      device: cpus()[0]!.model,
      tensorflow: null,
      precision: 'float64',
      compiled: false,
      seed: 0,
      epochs: 1,
      steps: 10,
      parameters: 1,
      baselines: { zero: { loss: 9 } },
    });
    expect(summary.samplesPerSecond).toBeGreaterThan(0);
    expect(summary.wallTimeInSeconds).toBeGreaterThan(0);
    expect(summary.peakMemoryInBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(errors).toContain(`scratch on ${cpus()[0]!.model}, float64\n`);
    expect(errors).toMatch(/^epoch 1\/1 · step \d+\/10 · /m);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'saves a checkpoint at %s, exits with 130, and resumes',
    async (signal) => {
      const out = join(folder, `stopped-by-${signal}`);
      let isKilled = false;
      const stopped = await run(['train', '--steps', '1000000000', '--out', out, '--json'], {
        onOutput(text, child) {
          if (!isKilled && /step \d+\//.test(text)) isKilled = child.kill(signal);
        },
      });
      expect(stopped.status).toBe(130);
      expect(stopped.errors).toContain('interrupted: saving a checkpoint');
      const { steps, status } = JSON.parse(stopped.output) as Summary;
      expect(status).toBe('stopped');
      expect(await readFile(join(out, 'checkpoints/last'), 'utf8')).toBe(`step-${steps!}\n`);

      const resumed = await run(['train', '--resume', out, '--steps', String(steps! + 20)]);
      expect(resumed).toMatchObject({ status: 0 });
      expect(resumed.output).toContain(`from step ${steps!}\n`);
      expect(await json(join(out, 'summary.json'))).toMatchObject({ status: 'completed', steps: steps! + 20 });
      const epochs = Array.from({ length: Math.floor((steps! + 19) / 10) }, (_, index) => 10 * (index + 1));
      expect(await validationsOf(out)).toEqual([...epochs, steps! + 20]);
    },
  );

  it('starts over after a kill before the first checkpoint, and resumes from the checkpoint named', async () => {
    const out = join(folder, 'killed');
    expect((await runHere(['train', '--out', out], folder)).status).toBe(0);
    const older = await runHere(['train', '--resume', out, '--checkpoint', '20', '--steps', '25'], folder);
    expect(older.status).toBe(0);
    expect(await validationsOf(out)).toEqual([10, 20, 25]);
    await rm(join(out, 'checkpoints'), { recursive: true });
    const again = await runHere(['train', '--resume', out, '--steps', '10'], folder);
    expect(again).toMatchObject({ status: 0, output: expect.stringContaining('from step 0\n') as string });
    expect(await validationsOf(out)).toEqual([10]);
    const none = await runHere(['evaluate', '--run', out, '--checkpoint', '99'], folder);
    expect(none).toMatchObject({
      status: 2,
      errors: expect.stringContaining('there are others: --checkpoint 10') as string,
    });
  });

  it('ends at once at a second signal', async () => {
    const sent: string[] = [];
    const { status } = await run(['train', '--fail', 'hang', '--out', join(folder, 'hang')], {
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
    expect(existsSync(join(folder, 'hang/lock'))).toBe(false);
  });

  it('writes the stack of a defect to error.log, and prints one line', async () => {
    const out = join(folder, 'defect');
    const { status, errors } = await run(['train', '--fail', 'defect', '--out', out]);
    expect(status).toBe(1);
    expect(lastLine(errors)).toBe(`train failed: weight is not a function (the stack: ${join(out, 'error.log')})`);
    expect(errors).not.toContain('    at ');
    expect(await readFile(join(out, 'error.log'), 'utf8')).toContain('    at ');
    expect(await json(join(out, 'summary.json'))).toMatchObject({ status: 'failed', metrics: {} });
    expect((await run(['evaluate', '--run', out])).status).toBe(0);
  });

  it('continues quietly where nobody reads its output', async () => {
    const { status, errors } = await run(['train', '--fast', '--out', join(folder, 'pipe')], {
      onOutput(_, child) {
        child.stdout?.destroy();
      },
    });
    expect(status).toBe(0);
    expect(errors).not.toContain('EPIPE');
  });
});

describe("a user's mistake", () => {
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
      'a key that moves the cursor',
      ['--set', '\u001b[2J\n\u009b=1'],
      /^--set: unknown key "\\u001b\[2J\\n\\u009b"; expected one of target, /,
    ],
    ['a flag that rings', ['--\u0007'], /^unknown option '--\\u0007'/],
    [
      'a very long key',
      ['--set', `${'x'.repeat(100_000)}=1`],
      /^--set: unknown key "x{76}\.\.\.; expected one of target, /,
    ],
    ['an empty path', ['--out', ''], '--out: expected the path of a file or folder, got ""'],
    ['an empty path to resume', ['--resume', ''], '--resume: expected the path of a file or folder, got ""'],
    [
      'bad data',
      ['--fail', 'data', '--data', '/nowhere', '--out', 'made-for-nothing'],
      '/nowhere: expected data, found none',
    ],
  ];
  it.each(mistakes)('in %s prints one line, exits with 2, and leaves no files', async (_, argv, line) => {
    const cwd = await mkdtemp(join(folder, 'mistake-'));
    await writeFile(join(cwd, 'pnpm-workspace.yaml'), '');
    const { status, output, errors } = await runHere(['train', '--json', ...argv], cwd);
    // The line about the backend comes before errors of the command itself.
    const lines = errors
      .trim()
      .split('\n')
      .filter((each) => !each.startsWith('scratch on '));
    expect(lines).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(await readdir(cwd)).toEqual(['pnpm-workspace.yaml']);
  });

  it('on the command line as a whole prints one line', async () => {
    const unknown = await runHere(['trian'], folder);
    expect(unknown).toMatchObject({ status: 2, errors: "unknown command 'trian' (Did you mean train?)\n" });
    const none = await runHere([], folder);
    expect(none.status).toBe(2);
    expect(none.errors).toContain('Usage: pnpm --filter learner');
    const taken = await runHere(['evaluate', '--epochs', '3'], folder);
    expect(taken.errors).toContain("unknown option '--epochs'");
  });

  it('in a file of a run folder names the file', async () => {
    const out = join(folder, 'damaged');
    expect((await runHere(['train', '--fast', '--out', out], folder)).status).toBe(0);
    const again = await runHere(['train', '--fast', '--out', out], folder);
    expect(again).toMatchObject({ status: 2, errors: expect.stringContaining('holds a run already') as string });

    const config = await readFile(join(out, 'config.json'));
    const misfit = await runHere(['train', '--resume', out, '--set', 'target=9', '--fail', 'data'], folder);
    expect(misfit.status).toBe(2);
    expect(await readFile(join(out, 'config.json'))).toEqual(config);

    await truncate(join(out, 'checkpoints/step-10.safetensors'), 20);
    const damaged = await runHere(['evaluate', '--run', out], folder);
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
  it('shows every option, preset and field with its default and reason', async () => {
    const { status, output } = await runHere(['train', '--help'], folder);
    expect(status).toBe(0);
    for (const option of 'preset config set epochs steps batch-size learning-rate seed fast out resume checkpoint overfit-one-batch data log json fail'.split(
      ' ',
    )) {
      expect(output).toContain(`--${option} `);
    }
    expect(output).toContain('far: a target far away');
    expect(output).toContain('a number above 0; default 0.1: below 1, where it would diverge');
  });
});

describe('a command that takes files', () => {
  it("resolves them from the user's folder; other commands take none", async () => {
    const out = join(folder, 'for-files');
    expect((await run(['train', '--out', out])).status).toBe(0);
    const read = await run(['read', 'a b.png', '--run', out, '--', '--odd.png']);
    expect(read.status).toBe(0);
    expect(read.output).toContain(`${join(folder, 'a b.png')} ${join(folder, '--odd.png')}`);
    const stray = await run(['evaluate', 'a.png', '--run', out]);
    expect(stray.status).toBe(2);
    expect(stray.errors).toMatch(/^too many arguments[^\n]*\n$/);
  });
});

describe('a command that takes texts', () => {
  it('gets them as written, beside flags without a value', async () => {
    const out = join(folder, 'for-texts');
    expect((await run(['train', '--out', out])).status).toBe(0);
    const plain = await run(['say', 'a b', '', '--run', out, '--', '--odd']);
    expect(plain.status).toBe(0);
    expect(plain.output).toContain('\nA B||--ODD said\n');
    const quiet = await run(['say', '--quietly', 'a b', '--json', '--run', out]);
    expect(quiet.errors).toContain('\na b said\n');
    expect(JSON.parse(quiet.output)).toMatchObject({ command: 'say', status: 'completed' });
  });
});

describe('a system on typed arrays', () => {
  it('keeps every bit of float64 weights, and resumes to the same bits', async () => {
    const [whole, part] = [join(folder, 'whole'), join(folder, 'part')];
    const train = (...argv: string[]): Promise<Ended> => runHere(['train', ...argv], folder);
    expect((await train('--steps', '25', '--out', whole)).status).toBe(0);
    expect((await train('--steps', '13', '--out', part)).status).toBe(0);
    expect((await train('--steps', '25', '--resume', part)).status).toBe(0);
    for (const out of [whole, part]) {
      const { metrics } = await json<Summary>(join(out, 'summary.json'));
      const { weights } = await new CheckpointStore(join(out, 'checkpoints'), 'learner').load('last');
      const { values } = decodeArrays(weights, 'weights').weight!;
      expect(values).toBeInstanceOf(Float64Array);
      let weight = 0;
      for (let step = 0; step < 25; step++) weight -= 2 * 0.1 * (weight - 3);
      expect([...values]).toEqual([weight]);
      expect(metrics).toMatchObject({ test: { loss: (weight - 3) ** 2 } });
      const evaluated = await runHere(['evaluate', '--run', out, '--json'], folder);
      expect((JSON.parse(evaluated.output) as Summary).metrics.test).toMatchObject({
        loss: metrics.test!.loss,
        step: 25,
      });
    }
    const older = await runHere(['evaluate', '--run', whole, '--checkpoint', '20', '--json'], folder);
    expect((JSON.parse(older.output) as Summary).metrics.test).toMatchObject({ step: 20 });
  });

  it.each(['--backend=cpu', '--no-compile', '--precision=float32'])('has no %s', async (option) => {
    const { status, errors } = await runHere(['train', option], folder);
    expect([status, errors]).toEqual([2, expect.stringMatching(/^unknown option/)]);
  });
});

describe('@motley/run', () => {
  const isOfTensors = (path: string): boolean => /@tensorflow\/|packages\/tensorflow\//.test(path);

  it.each([
    '../../index.ts',
    '../index.ts',
    '../study/execute-study.ts',
    '../sweep/execute-sweep.ts',
    '../tensorboard/tensorboard-log.ts',
    '../logging/mlflow/mlflow-logger.ts',
    '../logging/wandb/wandb-logger.ts',
  ])('%s imports no library of tensors', async (file) => {
    const loaded = await modulesLoadedWith(join(import.meta.dirname, file));
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter(isOfTensors)).toEqual([]);
  });
});
