import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BranchingCnn, config as branchingConfig, labelTree } from '@motley/branching-cnn';
import { decodeTensors, RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { config as foodConfig, createNetwork } from '@motley/food-vision';
import { encodeWav, SAMPLE_RATE_IN_HZ } from '@motley/las-speech';
import { encodeArrays, largest, RandomNumbers } from '@motley/run';
import { config as scratchConfig, Network } from '@motley/scratch-nn';
import { config as shapesConfig, ShapesCnn } from '@motley/shapes-cnn';
import { config as vaeConfig, Vae } from '@motley/vae';
import * as tf from '@tensorflow/tfjs-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSite } from '../../export/export-site.ts';
import { readTriedRun } from '../../export/site-run.ts';
import { type Difference, difference } from '../../testing/compare.ts';
import { draw, fact, millisecondsOf, type SavedDemo, savedNumbers, settled } from '../../testing/demo-page.ts';
import { writeNewRun, writeRun } from '../../testing/run-folders.ts';
import { type WebSpace, webSpace } from '../../testing/static-server.ts';
import type { AnyDemo } from './worker/session.ts';

/** Largest difference of a page on WebAssembly and of native TensorFlow: probabilities, pixels, latents. */
const TOLERANCE = 1e-5;
/** Largest difference of values that a picture rounds to bytes. */
const ONE_BYTE = 1.001;
const SEVEN = [
  [0.3, 0.25],
  [0.7, 0.25],
  [0.45, 0.8],
] as const;

let folder: string;
let runs: Record<string, string>;
let space: WebSpace;
let browser: Browser;

/** Folder of runs by the names of their systems, to be tried instead of new networks. */
const trained = process.env.MOTLEY_DEMO_RUNS;
/** Systems whose controls have values, or take a sound, from the start. */
const OTHERS = [
  'markov-lstm',
  'lstm-forecast',
  'tweet-cnn',
  'hr-attrition',
  'char-rnn',
  'char-rnn-by-hand',
  'transformer',
  'las-speech',
];

/** Runs of small networks with new weights, or those of `MOTLEY_DEMO_RUNS`. */
async function makeRuns(): Promise<Record<string, string>> {
  if (trained !== undefined) {
    const names = await readdir(trained);
    return Object.fromEntries(names.map((name) => [name, join(trained, name)]));
  }
  const random = RandomStream.fromSeed(1);
  const vae = vaeConfig.resolve({ fast: true });
  const shapes = shapesConfig.resolve({ fast: true });
  const branching = branchingConfig.resolve({ fast: true });
  const food = foodConfig.resolve({ fast: true });
  const scratch = scratchConfig.resolve({ fast: true });
  const tree = labelTree(branching.data.kind, branching.data.groups);
  const classes = ['apple', 'bread', 'carrot'];
  const foodNetwork = createNetwork(food.model.architecture, { classes: classes.length, random });
  const network = new Network(scratch.model, [scratch.data.size, scratch.data.size, 1], RandomNumbers.fromSeed(1));
  const scratchWeights = encodeArrays(Object.fromEntries(network.state));
  const made = {
    vae: await writeNewRun(folder, 'vae', vae, new Vae(vae.model, random)),
    'shapes-cnn': await writeNewRun(folder, 'shapes-cnn', shapes, new ShapesCnn(shapes.model, random)),
    'branching-cnn': await writeNewRun(
      folder,
      'branching-cnn',
      branching,
      new BranchingCnn(branching.model, tree, [28, 28, 1], random),
    ),
    'food-vision': await writeNewRun(folder, 'food-vision', food, foodNetwork),
    'scratch-nn': await writeRun(join(folder, 'scratch-nn'), 'scratch-nn', scratch, scratchWeights),
  };
  await writeFile(join(made['food-vision'], 'classes.json'), JSON.stringify({ classes, framing: 'crop' }));
  return made;
}

/** Results of the demo, natively, for the inputs of the page. */
async function native(system: string, inputs: SavedDemo['inputs']): Promise<Readonly<Record<string, unknown>>> {
  const source = system.replace('-by-hand', '');
  const demo = ((await import(`@motley/${source}/demo`)) as { readonly default: AnyDemo }).default;
  const { weights: path, config, path: run } = await readTriedRun(runs[system]!);
  const files: Record<string, Uint8Array> = {};
  for (const name of demo.files ?? []) files[name] = await readFile(join(run, name));
  const weights = decodeTensors(await readFile(path), path);
  const model = await demo.load({ weights, config, files });
  tf.dispose(weights);
  const shown: Record<string, unknown> = {};
  const emit = (results: object): Promise<void> => {
    Object.assign(shown, results);
    return Promise.resolve();
  };
  const values = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, typed(value)]));
  const { numTensors } = tf.memory();
  Object.assign(shown, await demo.run(model, values as never, { signal: new AbortController().signal, emit }));
  expect(tf.memory().numTensors, 'tensors of a run are freed').toBe(numTensors);
  demo.dispose?.(model);
  return shown;
}

/** Arrays as the page had them before JSON. */
function typed(value: unknown): unknown {
  if (Array.isArray(value) && value.length > 2) return Float32Array.from(value as number[]);
  if (typeof value === 'object' && value !== null && 'data' in value)
    return { ...value, data: Uint8Array.from((value as { readonly data: number[] }).data) };
  return value;
}

async function openDemo(system: string): Promise<Page> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const number = Object.keys(runs).indexOf(system) + 1;
  await page.goto(`${space.address}#${number}`);
  await page.waitForSelector('.demo-facts', { timeout: 30_000 });
  expect(complaints).toEqual([]);
  return page;
}

/** Compares what the page shows with the native results; pictures in bytes apart from numbers. */
async function compared(page: Page, system: string): Promise<{ numbers: Difference; bytes: Difference }> {
  const saved = await savedNumbers(page);
  expect(saved).toMatchObject({ system, backend: { name: 'wasm' } });
  const expected = await native(system, saved.inputs);
  expect(Object.keys(saved.outputs).sort()).toEqual(Object.keys(expected).sort());
  const isBytes = (value: unknown): boolean => JSON.stringify(value).includes('"data":');
  const [numbers, bytes]: [Difference[], Difference[]] = [[], []];
  for (const [name, value] of Object.entries(expected))
    (isBytes(value) ? bytes : numbers).push(difference(saved.outputs[name], value, name));
  const worst = (list: Difference[]): Difference =>
    list.reduce((most, each) => (each.largest > most.largest ? each : most), { largest: 0, place: '' });
  const found = { numbers: worst(numbers), bytes: worst(bytes) };
  if (trained !== undefined) {
    const facts = await Promise.all(['first', 'time', 'parameters'].map((name) => fact(page, name)));
    console.log(system, JSON.stringify(found), facts.join(', '));
  }
  return found;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-demos-'));
  await chooseBackend();
  runs = await makeRuns();
  const out = join(folder, 'site');
  await exportSite({ runs: Object.values(runs), out });
  space = await webSpace(out);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser.close();
  await space.close();
  await rm(folder, { recursive: true });
});

describe('demos of an exported site', () => {
  it.each(['vae', 'branching-cnn', 'scratch-nn'])('%s gives the native numbers for a drawing', async (system) => {
    const page = await openDemo(system);
    if (system === 'scratch-nn') await page.getByRole('button', { name: 'Clear' }).click();
    await draw(page, SEVEN);
    await settled(page);
    const { numbers, bytes } = await compared(page, system);
    expect(numbers.largest).toBeLessThan(TOLERANCE);
    expect(bytes.largest).toBeLessThan(ONE_BYTE);
    expect(millisecondsOf(await fact(page, 'time'))).toBeGreaterThan(0);
    await page.close();
  });

  it('shapes-cnn gives the native numbers for its examples', async () => {
    const page = await openDemo('shapes-cnn');
    await settled(page);
    await page.getByRole('button', { name: 'Another example' }).click();
    await settled(page);
    const { numbers, bytes } = await compared(page, 'shapes-cnn');
    expect(numbers.largest).toBeLessThan(TOLERANCE);
    expect(bytes.largest).toBeLessThan(3);
    await page.close();
  });

  it('food-vision gives the native numbers for a picture from a file', async () => {
    const page = await openDemo('food-vision');
    await page.setInputFiles('input[type=file]', {
      name: 'plate.png',
      mimeType: 'image/png',
      buffer: await picture(page, 320, 240),
    });
    await settled(page);
    const { numbers, bytes } = await compared(page, 'food-vision');
    expect(numbers.largest).toBeLessThan(TOLERANCE);
    expect(bytes.largest).toBeLessThan(3);
    await page.close();
  });

  it.each(trained === undefined ? [] : OTHERS)('%s gives the native numbers', async (system) => {
    const page = await openDemo(system);
    if (system === 'las-speech')
      await page.setInputFiles('input[type=file]', { name: 'a.wav', mimeType: 'audio/wav', buffer: sound() });
    const start = page.locator('.demo-start');
    if ((await start.count()) > 0) await start.click();
    await settled(page);
    const { numbers } = await compared(page, system);
    // A forecast is in the units of its series.
    const { past } = (await savedNumbers(page)).inputs;
    const scale = system === 'lstm-forecast' ? largest((past as number[]).map(Math.abs)) : 1;
    expect(numbers.largest).toBeLessThan(TOLERANCE * scale);
    await page.close();
  });

  it('asks for nothing that is not there', () => {
    expect(space.missing).toEqual([]);
  });
});

/** A second of a voice's fundamental and two of its harmonics, rising. */
function sound(): Buffer {
  const samples = Float32Array.from({ length: SAMPLE_RATE_IN_HZ }, (_, sample) => {
    const time = sample / SAMPLE_RATE_IN_HZ;
    const phase = 2 * Math.PI * (120 * time + 20 * time * time);
    const voice = Math.sin(phase) + 0.6 * Math.sin(5 * phase) + 0.3 * Math.sin(11 * phase);
    return 0.25 * voice * Math.sin(Math.PI * time);
  });
  return Buffer.from(encodeWav(samples, SAMPLE_RATE_IN_HZ));
}

/** A PNG with something in it. */
async function picture(page: Page, width: number, height: number): Promise<Buffer> {
  const address = await page.evaluate(
    ([w, h]) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [w!, h!];
      const context = canvas.getContext('2d')!;
      context.fillStyle = '#fc8';
      context.fillRect(0, 0, w!, h!);
      context.fillStyle = '#c22';
      context.beginPath();
      context.arc(w! / 2, h! / 2, h! / 3, 0, 7);
      context.fill();
      return canvas.toDataURL('image/png');
    },
    [width, height],
  );
  return Buffer.from(address.split(',')[1]!, 'base64');
}
