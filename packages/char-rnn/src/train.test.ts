import { decodeTensors, RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import type { Checkpoint, MetricRecord, ResumePoint } from '@motley/run';
import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { StreamLearner } from './carried-state.ts';
import { config } from './config.ts';
import { createModel, restoreModel } from './create-model.ts';
import { TextStreams, type TextData } from './data.ts';
import { baselines } from './evaluate.ts';
import { describeNative, describeOn } from './testing/native.ts';
import { train } from './train.ts';
import { tokenizerOf } from './vocabulary.ts';

const vocabulary = Int32Array.from('abcd', (character) => character.codePointAt(0)!);
/** a b a c a d …, each pair drawn: what comes at even places can be known, what comes at odd ones cannot. */
const text = RandomStream.fromSeed(1)
  .integers(6000, 1, 4)
  .map((symbol, place) => (place % 2 === 0 ? 0 : symbol));
const data: TextData = {
  vocabulary,
  tokenizer: tokenizerOf(vocabulary, 'character'),
  training: text.subarray(0, 5400),
  validation: text.subarray(5400),
  symbolsPerCharacter: 1,
  entropyRate: Math.log(3) / 2,
};
const small = [
  'model.units=8',
  'model.dropout=0.1',
  'data.windowLength=8',
  'training.batchSize=8',
  'training.learningRate=0.03',
  'training.warmupSteps=5',
  'training.logEverySteps=10',
];

describeOn(['cpu', 'tensorflow'], 'train on %s', (backend) => {
  it('approaches the entropy rate, and leaks no tensors', async () => {
    await chooseBackend(backend);
    const before = tf.memory().numTensors;
    const settings = config.resolve({ set: [...small, 'training.steps=120', 'training.validateEverySteps=120'] });
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const { model, result } = await train(settings, data, { listeners: [listener] });
    expect(result).toMatchObject({ status: 'completed', steps: 120, epochs: 2 });
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size + 1);
    expect(result.metrics.validation!.loss).toBeLessThan(data.entropyRate! + 0.05);
    expect(result.metrics.validation!.loss).toBeLessThan(baselines(data).unigram!.loss! - 0.3);
    expect(records.filter(({ split }) => split === 'validation').at(-1)!.metrics).toEqual(result.metrics.validation);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the carried state', () => {
  it('is that after the previous batch, and zero at the start of an epoch', async () => {
    await chooseBackend('cpu');
    const settings = config.resolve({ set: [...small, 'model.dropout=0'] });
    const model = createModel(settings, vocabulary);
    const learner = new StreamLearner(model, 8);
    const streams = new TextStreams(text, { batchSize: 8, windowLength: 8, random: RandomStream.fromSeed(2) });
    const learn = (epoch: number, batches: number): number[][] => {
      const carried: number[][] = [];
      for (const batch of streams.batches(epoch)) {
        learner.learn(batch, RandomStream.fromSeed(0)).loss.dispose();
        tf.dispose(batch);
        carried.push(learner.carried.flatMap(({ hidden, cell }) => [...hidden.dataSync(), ...cell.dataSync()]));
        if (carried.length === batches) break;
      }
      return carried;
    };
    const read = (epoch: number, batches: number): number[][] => {
      let states = model.initialStates(8);
      const left: number[][] = [];
      for (const batch of streams.batches(epoch)) {
        states = model.forward(batch.symbols, states).states;
        left.push(states.flatMap(({ hidden, cell }) => [...hidden.dataSync(), ...cell.dataSync()]));
        if (left.length === batches) break;
      }
      return left;
    };
    expect(learn(0, 3)).toEqual(read(0, 3));
    // A new epoch forgets whatever was carried.
    for (const { hidden } of learner.carried) hidden.assign(tf.fill(hidden.shape, NaN));
    expect(learn(1, 1)).toEqual(read(1, 1));
    learner.disposeState();
    model.dispose();
  });
});

describeNative('the carried state, compiled', () => {
  it('resumes from a checkpoint to the same bits, with compiled steps and several steps per call', async () => {
    await chooseBackend('tensorflow');
    const set = [...small, 'training.steps=60', 'training.stepsPerCall=5', 'training.checkpointEverySteps=25'];
    const settings = config.resolve({ set: [...set, 'training.validateEverySteps=60', 'training.emaDecay=0.9'] });
    const compiler = (step: never, _: unknown, stepsPerCall?: number) =>
      compile(step, { engine: 'grappler', ...(stepsPerCall !== undefined && { stepsPerCall }) });
    let saved: ResumePoint | undefined;
    const keep = {
      onCheckpoint: (checkpoint: Checkpoint) => {
        if (checkpoint.step === 25) saved = checkpoint;
        return Promise.resolve();
      },
    };
    const whole = await train(settings, data, { compile: compiler as never, listeners: [keep] });
    const weights = decodeTensors(saved!.weights, 'checkpoint');
    expect(Object.keys(weights)).toEqual(expect.arrayContaining(['carried.0.hidden', 'network.vocabulary']));
    expect(largest(weights['carried.1.cell']!.dataSync().map(Math.abs))).toBeGreaterThan(0.01);
    const rest = await train(settings, data, { compile: compiler as never, resume: saved });
    expect(rest.result.metrics).toEqual(whole.result.metrics);
    const values = (each: typeof whole) => Object.values(each.model.stateDict()).map((tensor) => tensor.dataSync());
    expect(tf.tidy(() => values(rest))).toEqual(tf.tidy(() => values(whole)));

    const restored = await restoreModel(settings, weights);
    tf.dispose(weights);
    expect([...restored.vocabulary.dataSync()]).toEqual([...vocabulary]);
    const other = { ...data, vocabulary: Int32Array.of(97, 98, 99, 101) };
    await expect(train(settings, other, { resume: saved })).rejects.toThrow(
      'checkpoint: expected the 4 symbols of the text, found 4 of another text',
    );
    await expect(restoreModel(settings, {})).rejects.toThrow("expected the network's vocabulary");
    for (const model of [whole.model, rest.model, restored]) model.dispose();
  });
});
