import { decodeTensors, type StepCompiler } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import type { Checkpoint, MetricRecord, ResumePoint } from '@motley/run';
import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { restoreModel } from './create-model.ts';
import { openProblem } from './problem.ts';
import { describeNative, describeOn } from './testing/native.ts';
import { sentence, SMALL_PAIRS } from './testing/pairs.ts';
import { smallProblem } from './testing/problem.ts';
import { tiny } from './testing/settings.ts';
import { train } from './train.ts';

// Without TensorFlow's library it takes long; cli.test.ts trains without.
describeNative('a training', () => {
  it('learns to translate, and leaks no tensors', async () => {
    await chooseBackend('tensorflow');
    const before = tf.memory().numTensors;
    const settings = tiny('training.steps=30', 'training.validateEverySteps=10', 'training.sanityBatches=0');
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const problem = smallProblem(settings);
    const { model, result } = await train(settings, problem, { listeners: [listener] });
    expect(result).toMatchObject({ status: 'completed', steps: 30 });
    // Its parameters and the vocabulary that it keeps.
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size + 1);
    const losses = records.filter(({ split }) => split === 'validation').map(({ metrics }) => metrics.loss!);
    expect(losses).toHaveLength(3);
    expect(losses[2]!).toBeLessThan(losses[0]! - 0.2);
    expect(losses[2]!).toBeLessThan(0.8 * Math.log(problem.tokenizer.vocabularySize));
    expect(Object.keys(result.metrics.test!)).toEqual(['loss', 'bleu', 'chrf', 'exact']);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeOn(['cpu', 'tensorflow'], 'a training of the playground on %s', (backend) => {
  it('learns', async () => {
    await chooseBackend(backend);
    const before = tf.memory().numTensors;
    const set = ['data.source=copy', 'data.maxLength=3', 'data.examples=20', 'training.steps=30'];
    const settings = tiny(...set, 'training.stepsPerEpoch=15');
    const problem = await openProblem(settings);
    const { model, result } = await train(settings, problem);
    expect(result.metrics.test!.loss).toBeLessThan(Math.log(20));
    expect(result.metrics.test!.loss).toBeGreaterThan(0);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeNative('a training that was killed', () => {
  it('resumes from a checkpoint to the same bits, and refuses another vocabulary', async () => {
    await chooseBackend('tensorflow');
    const settings = tiny('training.steps=30', 'training.checkpointEverySteps=12', 'training.emaDecay=0.9');
    const problem = smallProblem(settings);
    const compiler: StepCompiler = (step) => compile(step, { engine: 'grappler' });
    let saved: ResumePoint | undefined;
    const keep = {
      onCheckpoint: (checkpoint: Checkpoint) => {
        if (checkpoint.step === 12) saved = checkpoint;
        return Promise.resolve();
      },
    };
    const whole = await train(settings, problem, { compile: compiler, listeners: [keep] });
    const rest = await train(settings, problem, { compile: compiler, resume: saved });
    expect(rest.result.metrics).toEqual(whole.result.metrics);
    const values = (each: typeof whole) => Object.values(each.model.stateDict()).map((tensor) => tensor.dataSync());
    expect(tf.tidy(() => values(rest))).toEqual(tf.tidy(() => values(whole)));

    const weights = decodeTensors(saved!.weights, 'checkpoint');
    const restored = restoreModel(settings, problem.tokenizer, weights);
    expect(restored.merges!.shape).toEqual([40, 2]);
    const others = SMALL_PAIRS.map(({ english, german }) => sentence(german, english.toUpperCase()));
    await expect(train(settings, smallProblem(settings, others), { resume: saved })).rejects.toThrow(
      'checkpoint: expected the vocabulary of the training pairs, 40 merges, found 40 of other pairs',
    );
    for (const model of [whole.model, rest.model, restored]) model.dispose();
    tf.dispose(weights);
  });
});
