import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { NamedArrays } from '../../checkpoint/arrays.ts';
import { defineConfig } from '../../config/config.ts';
import { NetworkLearner } from '../../loop/network-learner.ts';
import { runTraining } from '../../loop/run-training.ts';
import { Regression, regressionBatches } from '../../loop/testing.ts';
import { constantSchedule } from '../../schedules/schedules.ts';
import { lineChart } from '../figures/charts.ts';
import type { Figure } from '../figures/figure.ts';
import type { Summary } from '../run/summary.ts';
import { arrayRuntime, type ArrayTypes } from './array-runtime.ts';
import type { FigureContext, PlainCommand, Program } from './program.ts';
import { runProgram } from './run-program.ts';
import type { Runtime } from './runtime.ts';

const config = defineConfig(
  z.strictObject({
    training: z.strictObject({ epochs: z.int().min(1).default(2).describe('a few') }),
  }),
  { fast: {} },
);
type Config = z.output<typeof config.schema>;
interface Data {
  readonly name: string;
}
type Own = Program<typeof config.schema, ArrayTypes, Data, Model>;

/** Calls that the command kit made to the system and the runtime. */
let asked: string[];
let folder: string;
let written: { output: string; errors: string };

class Model extends Regression {
  #isEvaluated = false;

  eval(): void {
    asked.push('eval');
    this.#isEvaluated = true;
  }

  loss(): number {
    expect(this.#isEvaluated).toBe(true);
    return this.weight[0]!;
  }

  dispose(): void {
    asked.push('dispose');
  }
}

const runtime: Runtime<ArrayTypes> = {
  ...arrayRuntime('float32'),
  decode(bytes, name) {
    asked.push('decode');
    return arrayRuntime('float32').decode(bytes, name);
  },
  release(weights) {
    asked.push(`release ${Object.keys(weights).join(' ')}`);
  },
};
const figure = (title: string): Figure =>
  lineChart({ title, xName: 'x', yName: 'y', lines: [{ name: 'a', points: [[0, 1]] }] });

/** Regression that defines every part of a program. */
const program: Own = {
  system: 'regression',
  description: 'Fits a line.',
  config,
  load({ dataPath, weights }) {
    asked.push(`load ${dataPath ?? 'the usual'} ${Object.keys(weights ?? {}).join(' ')}`.trim());
    return { name: 'points' };
  },
  restore({ weights, data }) {
    asked.push(`restore ${data?.name ?? 'without data'}`);
    const model = new Model();
    model.loadWeights(weights);
    return model;
  },
  baselines({ name }) {
    asked.push(`baselines of ${name}`);
    return { mean: { loss: 4 }, zero: { loss: 9 } };
  },
  figures({ data, records, baselines, step }) {
    asked.push(`figures of ${data.name} ${records.length > 0} ${Object.keys(baselines).join(' ')} ${step}`);
    return { 'of-the-system': figure('of the system') };
  },
  learningCurve: { yName: 'loss (squared)', baselines: { mean: 'mean of the targets' } },
  train: {
    async run({ config: { training }, data, listeners, resume, signal }) {
      const model = new Model();
      const learner = new NetworkLearner(model);
      const result = await runTraining(learner, training, {
        batches: regressionBatches(),
        schedule: constantSchedule(0.05),
        validate: () => Promise.resolve({ loss: 1 }),
        test: () => Promise.resolve({ loss: 2, [data.name]: 1 }),
        listeners,
        resume,
        signal,
      });
      return { model, result };
    },
  },
  commands: {
    evaluate: ({ model, weights, step }) => ({
      metrics: { test: { loss: model.loss(), same: Number(weights.weight!.values[0] === model.weight[0]), step } },
    }),
    fail: {
      description: 'throw',
      run() {
        throw new Error('no good');
      },
    },
  },
  modelCommands: {
    inspect: {
      description: 'look at the weights',
      run({ model }) {
        asked.push('inspect');
        return { metrics: { weights: { first: model.loss() } } };
      },
    },
  },
};

const run = (argv: readonly string[], changed: Partial<Own> = {}): Promise<number> =>
  runProgram({ ...program, ...changed }, runtime, argv);
const summary = async (command: string): Promise<Summary> => {
  const name = command === 'train' ? 'summary.json' : `summary-${command}.json`;
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Summary;
};
const figureNames = async (): Promise<string[]> =>
  (await readdir(join(folder, 'figures'))).filter((name) => name.endsWith('.png')).sort();
const RELEASE = 'release bias weight';

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'motley-program-')), 'run');
  asked = [];
  written = { output: '', errors: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.errors += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(join(folder, '..'), { recursive: true });
});

describe('train', () => {
  it('loads, trains, measures the baselines, draws, and disposes of the model', async () => {
    expect(await run(['train', '--out', folder])).toBe(0);
    expect(asked).toEqual([
      'load the usual',
      'baselines of points',
      // Of equally good validations the first is the best.
      'figures of points true mean zero 4',
      'dispose',
    ]);
    expect(await summary('train')).toMatchObject({
      status: 'completed',
      steps: 8,
      epochs: 2,
      parameters: 3,
      metrics: { validation: { loss: 1 }, bestValidation: { loss: 1 }, test: { loss: 2, points: 1 } },
      baselines: { mean: { loss: 4 }, zero: { loss: 9 } },
    });
    expect(await figureNames()).toEqual(['learning-curve.png', 'of-the-system.png']);
    const curve = await readFile(join(folder, 'figures/learning-curve.svg'), 'utf8');
    for (const text of ['loss (squared)', '>mean of the targets<']) expect(curve).toContain(text);
  });

  it('merges metrics of its own by split, adds baselines, and draws its own figures besides the usual ones', async () => {
    const train: Own['train'] = {
      run: async (context) => ({
        ...(await program.train.run(context)),
        metrics: { test: { accuracy: 0.5, loss: 3 }, data: { waited: 7 } },
        baselines: { zero: { loss: 8 }, last: { loss: 5 } },
        figures: { own: figure('own') },
      }),
    };
    expect(await run(['train', '--out', folder], { train })).toBe(0);
    expect(await summary('train')).toMatchObject({
      metrics: { validation: { loss: 1 }, test: { loss: 3, points: 1, accuracy: 0.5 }, data: { waited: 7 } },
      baselines: { mean: { loss: 4 }, zero: { loss: 8 }, last: { loss: 5 } },
    });
    expect(await figureNames()).toEqual(['learning-curve.png', 'of-the-system.png', 'own.png']);
    // The figures get the merged baselines.
    expect(asked).toContain('figures of points true mean zero last 4');
  });

  it('needs neither baselines nor figures', async () => {
    const without = { baselines: undefined, figures: undefined, learningCurve: undefined, commands: undefined };
    const bare = { ...program, ...without } as unknown as typeof program;
    expect(await runProgram(bare, runtime, ['train', '--out', folder])).toBe(0);
    expect((await summary('train')).baselines).toEqual({});
    expect(existsSync(join(folder, 'figures'))).toBe(false);
  });

  it('says in one line which call the system refused, and keeps no stack', async () => {
    const missing = join(folder, 'deep/none');
    const load = async (): Promise<{ name: string }> => ({ name: await readFile(missing, 'utf8') });
    expect(await run(['train', '--out', folder], { load })).toBe(1);
    expect(written.errors).toContain(`train failed: ${missing}: no such file or folder\n`);
    written.errors = '';
    const tooMany = Object.assign(new Error('EMFILE'), { code: 'EMFILE', syscall: 'open', path: '/a\u001b' });
    await rm(folder, { recursive: true });
    expect(await run(['train', '--out', folder], { load: () => Promise.reject(tooMany) })).toBe(1);
    const line = 'train failed: /a\\u001b: too many files are open in this process (ulimit -n)\n';
    expect(written.errors).toContain(line);
    expect(existsSync(join(folder, 'error.log'))).toBe(false);
  });

  it('passes the weights of a resumed run to the data, and releases them', async () => {
    expect(await run(['train', '--out', folder, '--data', '/own'])).toBe(0);
    asked = [];
    expect(await run(['train', '--resume', folder, '--epochs', '3'])).toBe(0);
    expect(asked.slice(0, 3)).toEqual(['decode', 'load /own bias weight', RELEASE]);
    expect(await summary('train')).toMatchObject({ steps: 12 });
  });

  it('measures and draws nothing after an interruption, and disposes of the model', async () => {
    const train: Own['train'] = {
      run: (context) => program.train.run({ ...context, signal: AbortSignal.abort() }),
    };
    expect(await run(['train', '--out', folder], { train })).toBe(130);
    expect(asked).toEqual(['load the usual', 'dispose']);
    expect(await summary('train')).toMatchObject({ status: 'stopped', steps: 0, metrics: {}, baselines: {} });
  });

  it.each([
    ['figures', { figures: () => Promise.reject(new Error('no ink')) }],
    ['learning curve', { learningCurve: { yName: 'loss', metric: null as unknown as string } }],
  ])('%s that fail are a warning: the training is completed, and the model disposed of', async (name, changed) => {
    expect(await run(['train', '--out', folder], changed)).toBe(0);
    expect(written.errors).toMatch(new RegExp(`^warning: ${name}: not drawn: [^\n]+\n`, 'm'));
    expect(written.errors).not.toContain('    at ');
    expect(await summary('train')).toMatchObject({ status: 'completed', metrics: { test: { loss: 2 } } });
    expect(existsSync(join(folder, 'report.html'))).toBe(true);
    expect(asked.at(-1)).toBe('dispose');
  });

  it('a name that all objects inherit is a metric like any other', async () => {
    const before = Reflect.ownKeys(Object.prototype);
    const load = (): Data => ({ name: '__proto__' });
    expect(await run(['train', '--out', folder], { load })).toBe(0);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
    expect(JSON.stringify((await summary('train')).metrics)).toContain('"__proto__":1');
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('<th class="number">__p\u2060roto__</th>');
  });
});

describe('a command on a trained model', () => {
  beforeEach(async () => {
    expect(await run(['train', '--out', folder])).toBe(0);
    await rm(join(folder, 'figures'), { recursive: true });
    asked = [];
  });

  it('evaluate gets the model in evaluation mode, and reports the baselines beside it', async () => {
    expect(await run(['evaluate', '--run', folder, '--data', '/own'])).toBe(0);
    expect(asked).toEqual([
      'decode',
      'load /own bias weight',
      'restore points',
      'eval',
      'baselines of points',
      'dispose',
      RELEASE,
    ]);
    expect(await summary('evaluate')).toMatchObject({
      parameters: 3,
      metrics: { test: { same: 1, step: 4 } },
      baselines: { mean: { loss: 4 }, zero: { loss: 9 } },
    });
    expect(written.output).toContain('baseline mean: loss 4');
  });

  it('evaluate can override the baselines, and writes figures', async () => {
    const evaluate = (): object => ({ baselines: { zero: { loss: 1 } }, figures: { own: figure('own') } });
    expect(await run(['evaluate', '--run', folder], { commands: { evaluate } })).toBe(0);
    expect((await summary('evaluate')).baselines).toEqual({ mean: { loss: 4 }, zero: { loss: 1 } });
    expect(await figureNames()).toEqual(['own.png']);
  });

  it("figures draws the system's figures and the learning curve without being defined by the system", async () => {
    expect(await run(['figures', '--run', folder, '--checkpoint', 'last'])).toBe(0);
    expect(asked).toEqual([
      'decode',
      'load the usual bias weight',
      'restore points',
      'eval',
      'baselines of points',
      'figures of points true mean zero 8',
      'dispose',
      RELEASE,
    ]);
    expect(await figureNames()).toEqual(['learning-curve.png', 'of-the-system.png']);
    expect(await summary('figures')).toMatchObject({ command: 'figures', parameters: 3, baselines: {} });
  });

  it('passes the command context and the metrics of the run to the figures', async () => {
    let context: FigureContext<Config, ArrayTypes, Data, Model> | undefined;
    const figures: NonNullable<Own['figures']> = (given) => {
      context = given;
      return {};
    };
    expect(await run(['figures', '--run', folder], { figures })).toBe(0);
    const { config: record, model, records, folder: drawn, backend } = context!;
    expect(record).toEqual({ training: { epochs: 2 } });
    expect(model).toBeInstanceOf(Model);
    expect(records.filter(({ split }) => split === 'validation').map(({ step }) => step)).toEqual([4, 8]);
    expect([drawn.path, backend.backend]).toEqual([folder, 'scratch']);
    expect(await figureNames()).toEqual(['learning-curve.png']);
  });

  it('loads no data and takes no --data where it needs none, and measures no baselines', async () => {
    expect(await run(['inspect', '--run', folder])).toBe(0);
    expect(asked).toEqual(['decode', 'restore without data', 'eval', 'inspect', 'dispose', RELEASE]);
    expect(await summary('inspect')).toMatchObject({ parameters: 3, baselines: {} });
    expect(await run(['inspect', '--run', folder, '--data', '/own'])).toBe(2);
    expect(written.errors).toContain("unknown option '--data'");
    written.output = '';
    expect(await run(['inspect', '--help'])).toBe(0);
    expect(written.output).not.toContain('--data ');
    expect(await run(['evaluate', '--help'])).toBe(0);
    expect(written.output).toContain('--data ');
  });

  it('disposes of the model and releases the weights where it throws', async () => {
    expect(await run(['fail', '--run', folder])).toBe(1);
    expect(asked.slice(-3)).toEqual(['eval', 'dispose', RELEASE]);
    expect(written.errors).toContain('fail failed: no good');
    expect(await summary('fail')).toMatchObject({ status: 'failed' });
  });

  it.each(['load', 'restore'] as const)('releases the weights where %s throws', async (name) => {
    const throws = (): never => {
      throw new Error('no good');
    };
    expect(await run(['evaluate', '--run', folder], { [name]: throws })).toBe(1);
    expect([asked[0], asked.at(-1)]).toEqual(['decode', RELEASE]);
    expect(asked).not.toContain('dispose');
  });

  it('accepts a model without eval and dispose', async () => {
    const restore = ({ weights }: { readonly weights: NamedArrays }): Model =>
      ({ parameterCount: () => Object.keys(weights).length }) as Model;
    const commands = { count: () => undefined };
    expect(await run(['count', '--run', folder], { restore, commands })).toBe(0);
    expect((await summary('count')).parameters).toBe(2);
  });
});

it('describes the commands that every system has', async () => {
  expect(await run(['--help'])).toBe(0);
  const text = written.output.replaceAll(/\s+/g, ' ');
  for (const description of [
    'train, then evaluate the best checkpoint (by validation) on held-out data and draw its figures',
    'evaluate a run on held-out data, with baselines',
    'draw the figures and the learning curve of a run',
    'look at the weights',
  ])
    expect(text).toContain(description);
});

describe('a plain command', () => {
  it('takes its own options and arguments, and neither a run nor data', async () => {
    const greet: PlainCommand<{ readonly loud: z.ZodDefault<z.ZodBoolean> }> = {
      description: 'greet',
      texts: 'names',
      options: { loud: z.boolean().default(false).describe('a soft voice') },
      run({ texts, options, print }) {
        print(`hello ${texts.join(' and ')}${options.loud ? '!' : ''}`);
      },
    };
    expect(await run(['greet', 'Ada', 'Alan', '--loud'], { plainCommands: { greet } })).toBe(0);
    expect(written.output).toBe('hello Ada and Alan!\n');
    expect(await run(['greet', '--run', 'there'], { plainCommands: { greet } })).toBe(2);
    expect(written.errors).toContain("unknown option '--run'");
    expect(asked).toEqual([]);
  });
});
