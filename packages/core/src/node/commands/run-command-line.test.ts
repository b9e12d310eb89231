import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MetricRecord } from '../../train/events.ts';
import type { Summary } from '../run/summary.ts';
import { runLearner } from './testing/learner.ts';

const packageFolder = join(import.meta.dirname, '../../..');
const learner = join(import.meta.dirname, 'testing/learner-cli.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-commands-'));
  // A workspace of its own, where `runs/` is looked for.
  await writeFile(join(folder, 'pnpm-workspace.yaml'), '');
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the learner; `onOutput` sees all that it has written so far. */
function run(
  argv: readonly string[],
  options: { readonly cwd?: string; onOutput?: (text: string, child: ReturnType<typeof spawn>) => void } = {},
): Promise<Ended> {
  const tsx = import.meta.resolve('tsx');
  const child = spawn(process.execPath, ['--conditions=@motley/source', '--import', tsx, learner, ...argv], {
    cwd: options.cwd ?? folder,
    env: { ...process.env, TSX_TSCONFIG_PATH: join(packageFolder, 'tsconfig.json') },
  });
  let stdout = '';
  let stderr = '';
  const onData = (): void => options.onOutput?.(stdout + stderr, child);
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
    onData();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
    onData();
  });
  return new Promise((resolve) =>
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    }),
  );
}

/** Runs the learner in this process. */
async function runHere(argv: readonly string[], cwd: string): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const before = process.cwd();
  process.chdir(cwd);
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  }
  try {
    return { code: await runLearner(argv), ...written };
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
    expect(trained).toMatchObject({ code: 0 });
    expect(trained.stdout).toContain('test: loss ');
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
    expect(evaluated.code).toBe(0);
    const summary = JSON.parse(evaluated.stdout) as Summary;
    expect(summary).toMatchObject({ command: 'evaluate', status: 'completed', metrics: { test: { count: 7 } } });
    expect(summary.metrics.test!.loss).toBeLessThan(0.001);
    expect(await json(join(path, 'summary-evaluate.json'))).toEqual(summary);
    expect(await readFile(join(path, 'report.html'), 'utf8')).toContain('<h2>evaluate</h2>');
  });

  it('prints nothing but the summary on standard output with --json', async () => {
    const out = join(folder, 'json');
    const { code, stdout, stderr } = await run([
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
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
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
    expect(stderr).toContain('cpu on CPU (JavaScript), float32');
    expect(stderr).toContain('epoch 1/1 · step 10/10');
  });

  it('saves a checkpoint at SIGINT, exits with 130, and goes on from there', async () => {
    const out = join(folder, 'stopped');
    let isKilled = false;
    const stopped = await run(['train', '--steps', '1000000000', '--backend', 'cpu', '--out', out, '--json'], {
      onOutput(text, child) {
        if (!isKilled && text.includes('step 10/')) isKilled = child.kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('interrupted: saving a checkpoint');
    const { steps, status } = JSON.parse(stopped.stdout) as Summary;
    expect(status).toBe('stopped');
    expect(await readFile(join(out, 'checkpoints/last'), 'utf8')).toBe(`step-${steps!}\n`);

    const resumed = await run(['train', '--resume', out, '--steps', String(steps! + 20), '--backend', 'cpu']);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stdout).not.toContain('from 0\n');
    expect(await json(join(out, 'summary.json'))).toMatchObject({ status: 'completed', steps: steps! + 20 });
    const logged = (await metricsOf(out)).map(({ step }) => step);
    expect(logged.slice(-2)).toEqual([steps! + 10, steps! + 20]);
    expect(new Set(logged).size).toBe(logged.length);
  });

  it('starts again where it was killed before its first checkpoint, and goes on from the one named', async () => {
    const out = join(folder, 'killed');
    const argv = ['--backend', 'cpu'];
    expect((await runHere(['train', '--out', out, ...argv], folder)).code).toBe(0);
    const older = await runHere(['train', '--resume', out, '--checkpoint', '20', '--steps', '25', ...argv], folder);
    expect(older.code).toBe(0);
    expect((await metricsOf(out)).map(({ step }) => step)).toEqual([10, 20, 25]);
    await rm(join(out, 'checkpoints'), { recursive: true });
    const again = await runHere(['train', '--resume', out, '--steps', '10', ...argv], folder);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('from 0\n') as string });
    expect((await metricsOf(out)).map(({ step }) => step)).toEqual([10]);
    const none = await runHere(['evaluate', '--run', out, '--checkpoint', '99', ...argv], folder);
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there are others: --checkpoint 10') as string,
    });
  });

  it('ends at once at a second signal', async () => {
    const sent: string[] = [];
    const { code } = await run(['train', '--fail', 'hang', '--backend', 'cpu', '--out', join(folder, 'hang')], {
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
    expect(code).toBe(130);
  });

  it('leaves the stack of a defect in error.log, and one line', async () => {
    const out = join(folder, 'defect');
    const { code, stderr } = await run(['train', '--fail', 'defect', '--backend', 'cpu', '--out', out]);
    expect(code).toBe(1);
    expect(lastLine(stderr)).toBe(`train failed: weight is not a function (the stack: ${join(out, 'error.log')})`);
    expect(stderr).not.toContain('    at ');
    expect(await readFile(join(out, 'error.log'), 'utf8')).toContain('    at ');
    expect(await json(join(out, 'summary.json'))).toMatchObject({ status: 'failed', metrics: {} });
    expect((await run(['evaluate', '--run', out, '--backend', 'cpu'])).code).toBe(0);
  });

  it('goes on quietly where nobody reads', async () => {
    const { code, stderr } = await run(['train', '--fast', '--backend', 'cpu', '--out', join(folder, 'pipe')], {
      onOutput(_, child) {
        child.stdout?.destroy();
      },
    });
    expect(code).toBe(0);
    expect(stderr).not.toContain('EPIPE');
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
    const { code, stdout, stderr } = await runHere(
      ['train', ...(argv.includes('--backend') ? [] : ['--backend', 'cpu']), '--json', ...argv],
      cwd,
    );
    // The line about the backend comes before what the command itself finds.
    const lines = stderr
      .trim()
      .split('\n')
      .filter((each) => !each.startsWith('cpu on '));
    expect(lines).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(await readdir(cwd)).toEqual(['pnpm-workspace.yaml']);
  });

  it('on the command line as a whole', async () => {
    const unknown = await runHere(['trian'], folder);
    expect(unknown).toMatchObject({ code: 2, stderr: "unknown command 'trian' (Did you mean train?)\n" });
    const none = await runHere([], folder);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('Usage: learner');
    const taken = await runHere(['evaluate', '--epochs', '3'], folder);
    expect(taken.stderr).toContain("unknown option '--epochs'");
  });

  it("in a run's folder names the file", async () => {
    const out = join(folder, 'damaged');
    expect((await runHere(['train', '--fast', '--backend', 'cpu', '--out', out], folder)).code).toBe(0);
    const again = await runHere(['train', '--fast', '--backend', 'cpu', '--out', out], folder);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('holds a run already') as string });

    const config = await readFile(join(out, 'config.json'));
    const misfit = await runHere(
      ['train', '--resume', out, '--set', 'target=9', '--fail', 'data', '--backend', 'cpu'],
      folder,
    );
    expect(misfit.code).toBe(2);
    expect(await readFile(join(out, 'config.json'))).toEqual(config);

    await truncate(join(out, 'checkpoints/step-10.safetensors'), 20);
    const damaged = await runHere(['evaluate', '--run', out, '--backend', 'cpu'], folder);
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toMatch(/^\S+step-10\.safetensors: expected a safetensors header[^\n]*\n$/);
    await writeFile(join(out, 'config.json'), '{"layers": 3}');
    expect((await runHere(['evaluate', '--run', out], folder)).stderr).toContain('config.json: unknown key "layers"');
    expect((await runHere(['evaluate', '--run', join(out, 'none')], folder)).stderr).toContain(
      'no such file or folder',
    );
    expect(existsSync(join(out, 'none'))).toBe(false);
  });
});

describe('help', () => {
  it('gives every option, preset and field with its default and reason', async () => {
    const { code, stdout } = await runHere(['train', '--help'], folder);
    expect(code).toBe(0);
    for (const option of 'preset config set epochs steps batch-size learning-rate seed fast out resume checkpoint overfit-one-batch backend no-compile precision data log json fail'.split(
      ' ',
    )) {
      expect(stdout).toContain(`--${option} `);
    }
    expect(stdout).toContain('far: a target far away');
    expect(stdout).toContain('a number above 0; default 0.1: below 1, where it would diverge');
  });
});

describe('a command that takes files', () => {
  it('is given them as they are from where the user is; others take none', async () => {
    const out = join(folder, 'for-files');
    expect((await run(['train', '--backend', 'cpu', '--out', out])).code).toBe(0);
    const read = await run(['read', 'a b.png', '--run', out, '--backend', 'cpu', '--', '--odd.png']);
    expect(read.code).toBe(0);
    expect(read.stdout).toContain(`${join(folder, 'a b.png')} ${join(folder, '--odd.png')}`);
    const stray = await run(['evaluate', 'a.png', '--run', out, '--backend', 'cpu']);
    expect(stray.code).toBe(2);
    expect(stray.stderr).toMatch(/^too many arguments[^\n]*\n$/);
  });
});

describe('a command that takes texts', () => {
  it('is given them as they were written, beside flags that need no value', async () => {
    const out = join(folder, 'for-texts');
    expect((await run(['train', '--backend', 'cpu', '--out', out])).code).toBe(0);
    const plain = await run(['say', 'a b', '', '--run', out, '--backend', 'cpu', '--', '--odd']);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain('\nA B||--ODD uncompiled\n');
    const quiet = await run(['say', '--quietly', 'a b', '--json', '--run', out, '--backend', 'cpu']);
    expect(quiet.stderr).toContain('\na b uncompiled\n');
    expect(JSON.parse(quiet.stdout)).toMatchObject({ command: 'say', status: 'completed' });
  });
});
