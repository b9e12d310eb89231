import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '@motley/core/node';
import { nativeGate, runProgram, type Ended } from '@motley/test-tools';
import { afterAll, beforeAll, expect, it } from 'vitest';

interface Summary {
  readonly status: string;
  readonly metrics: Record<string, Record<string, number>>;
}

/** Runs the command line as users' scripts do. */
const run = (...argv: readonly string[]): Promise<Ended> => runProgram(join(import.meta.dirname, 'cli.ts'), argv);

const { describeNative } = await nativeGate(() => chooseBackend('tensorflow'));

describeNative('the command line', () => {
  let folder: string;
  let trained: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-las-speech-'));
    trained = join(folder, 'run');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('says, trains, evaluates, hears and draws', async () => {
    const wave = join(folder, 'said.wav');
    expect(await run('say', 'the', 'whale', '--output', wave)).toMatchObject({ status: 0 });
    const greedy = ['--set', 'decoding.beam=1', '--set', 'decoding.ctcWeight=0'];
    const training = await run('train', '--json', '--fast', '--no-compile', ...greedy, '--out', trained);
    expect(training).toMatchObject({ status: 0 });
    const summary = JSON.parse(training.output) as Summary;
    expect(summary.status).toBe('completed');
    const sets = ['seenVoices', 'unseenVoices', 'unseenWords', 'long'];
    expect(Object.keys(summary.metrics)).toEqual(expect.arrayContaining(['validation', ...sets]));
    const { characterErrorRate, characterErrorRateLow, characterErrorRateHigh } = summary.metrics.seenVoices!;
    expect(characterErrorRateLow).toBeLessThanOrEqual(characterErrorRate!);
    expect(characterErrorRateHigh).toBeGreaterThanOrEqual(characterErrorRate!);

    const ofRun = ['--no-compile', '--run', trained];
    const evaluated = await run('evaluate', '--json', ...ofRun);
    expect((JSON.parse(evaluated.output) as Summary).metrics.seenVoices).toEqual(summary.metrics.seenVoices);
    const heard = await run('predict', ...ofRun, wave);
    expect(heard).toMatchObject({ status: 0 });
    expect(existsSync(join(trained, 'figures', 'learning-curve.png'))).toBe(true);
  }, 480_000);

  it('ends with 2 and one line at sound that is none, and at data that do not fit', async () => {
    const noise = join(folder, 'noise.wav');
    await writeFile(noise, 'no sound at all');
    const heard = await run('predict', '--no-compile', '--run', trained, noise);
    expect(heard.status).toBe(2);
    expect(heard.errors.trim().split('\n').at(-1)).toMatch(/noise\.wav: expected /);
    const nowhere = await run('train', '--fast', '--out', join(folder, 'bad'), '--data', folder);
    expect(nowhere.status).toBe(2);
    expect(nowhere.errors).toContain('expected folders named by speakers');
    const silent = await run('say', '?!');
    expect(silent).toMatchObject({ status: 2 });
    expect(silent.errors.trim()).toBe('say: expected words, found "?!"');
  });
});
