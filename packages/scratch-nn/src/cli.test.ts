import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import { runProgram, type Ended, type ProgramOptions } from '@motley/test-tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Summary {
  readonly status: string;
  readonly backend: string;
  readonly steps: number;
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly baselines: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs a command as package scripts do. */
const run = (file: string, argv: readonly string[], options?: ProgramOptions): Promise<Ended> =>
  runProgram(join(import.meta.dirname, file), argv, options);

/** An 8-bit grayscale PNG (W3C, "Portable Network Graphics", sections 5 and 11). */
function png(size: number, valueAt: (x: number, y: number) => number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(content));
    return Buffer.concat([length, content, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = 8; // bit depth
  const rows = Array.from({ length: size }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: size }, (__, x) => valueAt(x, y))]),
  );
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const body = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...body]);
}

const lastLine = ({ errors }: Ended): string => errors.trim().split('\n').at(-1)!;

// Starting processes is slow on a busy machine.
describe('the command line', { timeout: 300_000 }, () => {
  let folder: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-scratch-nn-'));
    trained = join(folder, 'run');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const tiny = ['data.size=10', 'data.noise=0', 'data.centered=true', 'data.count=400'].flatMap((each) => [
    '--set',
    each,
  ]);

  it('trains, and prints nothing but its summary', async () => {
    const { status, output } = await run('cli.ts', ['train', '--json', '--out', trained, '--epochs', '5', ...tiny]);
    expect(status).toBe(0);
    const summary = JSON.parse(output) as Summary;
    expect(summary).toMatchObject({ status: 'completed', backend: 'scratch', steps: 45 });
    expect(summary.metrics.test!.accuracy!).toBeGreaterThan(summary.baselines.commonestClass!.accuracy!);
    expect(Object.keys(summary.baselines)).toEqual(['commonestClass', 'nearestCentroid']);
    for (const name of ['examples', 'learning-curve', 'confusion-matrix', 'hardest', 'filters'])
      expect(existsSync(join(trained, 'figures', `${name}.png`))).toBe(true);
  });

  it('evaluates, predicts and draws figures with the trained network', async () => {
    const trainedSummary = JSON.parse(await readFile(join(trained, 'summary.json'), 'utf8')) as Summary;
    const evaluated = await run('cli.ts', ['evaluate', '--json', '--run', trained]);
    expect((JSON.parse(evaluated.output) as Summary).metrics.test).toEqual(trainedSummary.metrics.test);
    expect(await run('cli.ts', ['predict', '--run', trained, '--count', '2'])).toMatchObject({
      status: 0,
      output: expect.stringMatching(/[│█].*\n(cross|circle|\w+ line): (cross|circle|\w+ line) \(cross \d/s) as string,
    });
    // A vertical line, dark on light, twice as large as the training pictures.
    const file = join(folder, 'line.png');
    await writeFile(
      file,
      png(20, (x, y) => (x >= 8 && x < 10 && y >= 3 && y < 17 ? 0 : 255)),
    );
    const seen = await run('cli.ts', ['predict', file, '--run', trained]);
    expect(seen.output).toContain('vertical line (cross');
    await rm(join(trained, 'figures'), { recursive: true });
    expect(await run('cli.ts', ['figures', '--run', trained])).toMatchObject({ status: 0 });
    expect(existsSync(join(trained, 'figures', 'learning-curve.png'))).toBe(true);
  });

  it('resumes to the same weights after it was killed', async () => {
    const [killed, whole] = [join(folder, 'killed'), join(folder, 'whole')];
    const argv = ['--epochs', '6', '--seed', '3', ...tiny, '--set', 'data.count=1000'];
    expect(await run('cli.ts', ['train', '--out', whole, ...argv])).toMatchObject({ status: 0 });
    const partial = await run('cli.ts', ['train', '--out', killed, ...argv], {
      onOutput: (text, child) => {
        if (/epoch [3-6]\//.test(text)) child.kill('SIGKILL');
      },
    });
    if (partial.status === null)
      expect(await run('cli.ts', ['train', '--resume', killed])).toMatchObject({ status: 0 });
    const steps = 6 * Math.ceil(700 / 32);
    const [one, other] = await Promise.all(
      [whole, killed].map((path) => readFile(join(path, 'checkpoints', `step-${steps}.safetensors`))),
    );
    expect(other!.equals(one!)).toBe(true);
  });

  it.each([
    ['an unknown layer', { layers: [{ type: 'conv' }] }, 'layer 0: expected type to be one of dense, convolution'],
    ['layers that do not fit', { layers: [{ type: 'dense', units: 4 }] }, 'layer 0 (dense) expected an input vector'],
  ])('exits with 2 and one line on %s in the file', async (name, model, line) => {
    const file = join(folder, 'network.json');
    const out = join(folder, `bad-${name}`);
    await writeFile(file, JSON.stringify({ model }));
    const result = await run('cli.ts', ['train', '--config', file, '--out', out]);
    expect(lastLine(result)).toContain(line);
    expect(result.errors).not.toContain('    at ');
    expect(result.status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses a file that is not a picture, and --data', async () => {
    const file = join(folder, 'text.png');
    await writeFile(file, 'not a picture');
    const seen = await run('cli.ts', ['predict', file, '--run', trained]);
    expect([seen.status, lastLine(seen)]).toEqual([
      2,
      expect.stringContaining(`${file}: expected a JPEG or PNG picture`),
    ]);
    const own = await run('cli.ts', ['evaluate', '--run', trained, '--data', file]);
    expect([own.status, lastLine(own)]).toEqual([2, expect.stringContaining('--data: expected none')]);
  });
});

describe('the study', { timeout: 300_000 }, () => {
  it('plans four runs, and makes a row and a figure of one variant', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'motley-scratch-nn-study-'));
    const given = ['--out', folder, '--seeds', '1', '--epochs', '1', '--set', 'data.size=10'];
    const plan = await run('cli.ts', ['study', '--plan', ...given]);
    expect(plan).toMatchObject({ status: 0, output: expect.stringContaining('4 runs: 4 waiting · ') as string });
    const study = ['study', 'pictures/off-center-noise', ...given, '--set', 'data.count=100'];
    const { status, output } = await run('cli.ts', study);
    expect(status).toBe(0);
    expect(output).toMatch(/^off-center, 5 % noise +1 +\d+\.\d\d +\d\.\d{4} +\d+\.\d\d +\d+\.\d +\d+\.\d +\d+ +\d+$/m);
    expect(existsSync(join(folder, 'pictures/figures/loss-off-center-noise.png'))).toBe(true);
    await rm(folder, { recursive: true });
  });
});

describe('preview', { timeout: 300_000 }, () => {
  it('prints pictures, and refuses bad arguments', async () => {
    const { status, output } = await run('preview-cli.ts', ['--count', '4', '--set', 'data.noise=0', '--seed', '1']);
    expect(status).toBe(0);
    for (const name of ['cross', 'circle', 'horizontal line', 'vertical line']) expect(output).toContain(name);
    expect(await run('preview-cli.ts', ['--count', '0'])).toMatchObject({ status: 2 });
    const unknown = await run('preview-cli.ts', ['--set', 'data.color=1']);
    expect([unknown.status, lastLine(unknown)]).toEqual([2, expect.stringContaining('unknown key "data.color"')]);
  });
});
