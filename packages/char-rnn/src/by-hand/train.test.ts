import { decodeArrays, RandomNumbers, UserError, type Checkpoint, type MetricRecord } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { config, type ByHandConfig } from './config.ts';
import { createNetwork } from './create-network.ts';
import { vocabularyOf, type TextData } from './data.ts';
import { baselines, measure, negativeLogLikelihood } from './evaluate.ts';
import { drawSymbol, sample } from './sample.ts';
import { train } from './train.ts';

/** The words of a text that repeats itself. */
const text = 'to be or not to be, that is the question. '.repeat(40);

function dataOf(content: string): TextData {
  const codes = Int32Array.from(new Set(Array.from(content, (character) => character.codePointAt(0)!))).sort();
  const vocabulary = vocabularyOf(codes, 'character');
  const symbols = vocabulary.tokenizer.encode(content);
  const boundary = Math.floor((9 * symbols.length) / 10);
  return {
    vocabulary,
    training: symbols.subarray(0, boundary),
    validation: symbols.subarray(boundary),
    symbolsPerCharacter: 1,
  };
}

const data = dataOf(text);

function settings(...set: readonly string[]): ByHandConfig {
  const small = [
    'model.hiddenSize=30',
    'training.batchSize=2',
    'training.logEverySteps=50',
    'training.learningRate=0.03',
  ];
  return config.resolve({
    set: [...small, 'training.validateEverySteps=50', 'training.sampleEverySteps=null', ...set],
  });
}

/** A listener that keeps checkpoints and metrics. */
function recording() {
  const [checkpoints, records]: [Checkpoint[], MetricRecord[]] = [[], []];
  const listener = {
    onMetrics: (record: MetricRecord) => void records.push(record),
    onCheckpoint: (checkpoint: Checkpoint) => Promise.resolve(void checkpoints.push(checkpoint)),
  };
  return { checkpoints, records, listener };
}

describe('train', () => {
  it('learns a repetitive text better than a 5-gram, and prints samples', async () => {
    const printed: string[] = [];
    const { records, listener } = recording();
    const { model: network, result } = await train(
      settings('training.steps=1200', 'training.sampleEverySteps=600'),
      data,
      {
        listeners: [listener],
        print: (line) => void printed.push(line),
      },
    );
    const losses = records.flatMap(({ split, step, metrics }) =>
      split === 'train' && step % 50 === 0 ? (metrics.loss ?? []) : [],
    );
    expect(losses).toHaveLength(24);
    expect(losses.at(-1)).toBeLessThan(0.1 * losses[0]!);
    expect(result).toMatchObject({ status: 'completed', steps: 1200, metrics: { validation: measure(network, data) } });
    expect(result.metrics.validation!.loss).toBeLessThan(baselines(data).fiveGram!.loss!);
    expect(printed.map((line) => line.split('\n')[0])).toEqual(['--- after 600 steps:', '--- after 1200 steps:']);
    const prompt = data.vocabulary.tokenizer.encode('to be or');
    const written = sample(network, prompt, 32, 0, RandomNumbers.fromSeed(0));
    expect(data.vocabulary.tokenizer.decode(written)).toBe(' not to be, that is the question');
  });

  it('resumes to the same bits from any step', async () => {
    const options = settings('training.steps=130', 'training.decayEverySteps=40');
    const whole = recording();
    await train(options, data, { listeners: [whole.listener] });
    for (const steps of [37, 75]) {
      // The checkpoint of its end is that of an interruption there.
      const first = recording();
      const shorter = settings(`training.steps=${steps}`, 'training.decayEverySteps=40');
      await train(shorter, data, { listeners: [first.listener] });
      const saved = first.checkpoints.at(-1)!;
      expect(saved.step).toBe(steps);
      const rest = recording();
      await train(options, data, { listeners: [rest.listener], resume: saved });
      const [expected, found] = [whole.checkpoints.at(-1)!, rest.checkpoints.at(-1)!];
      expect(found.weights).toEqual(expected.weights);
      expect(found.optimizer).toEqual(expected.optimizer);
    }
  });

  it('saves when stopped by a signal', async () => {
    const controller = new AbortController();
    const { checkpoints, listener } = recording();
    const onMetrics = (record: MetricRecord) => {
      listener.onMetrics(record);
      if (record.step === 50) controller.abort();
    };
    const { result } = await train(settings('training.steps=5000'), data, {
      listeners: [{ ...listener, onMetrics }],
      signal: controller.signal,
    });
    expect(result).toMatchObject({ status: 'stopped', steps: 50 });
    expect(checkpoints.at(-1)).toMatchObject({ step: 50 });
  });

  it('clips by norm where configured', async () => {
    const options = (norm: string) =>
      settings('training.steps=20', 'training.maxGradientValue=null', `training.maxGradientNorm=${norm}`);
    const [loose, tight, none] = await Promise.all(
      ['1000000', '0.001', 'null'].map(async (norm) => {
        const { checkpoints, listener } = recording();
        await train(options(norm), data, { listeners: [listener] });
        return checkpoints.at(-1)!;
      }),
    );
    expect(loose!.weights).toEqual(none!.weights);
    const squares = Object.entries(decodeArrays(tight!.optimizer, 'optimizer')).filter(
      ([name]) => !name.startsWith('state'),
    );
    const sum = squares.flatMap(([, { values }]) => [...values]).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(20 * 1e-6, 8);
  });

  it('refuses a text that is too short, and a checkpoint of another network', async () => {
    await expect(train(settings(), dataOf('short and few'))).rejects.toThrow(
      new UserError(
        'training text: expected 26 symbols or more (training.sequenceLength and the next) for each of 2 streams ' +
          '(training.batchSize), found 11 in all',
      ),
    );
    const { weights } = createNetwork(settings(), data.vocabulary.codes.length);
    const other = createNetwork(settings('model.hiddenSize=31'), data.vocabulary.codes.length);
    expect(() => {
      other.load(weights);
    }).toThrow(new UserError('checkpoint: expected "rnn.weight_ih_l0" [31, 15], found [30, 15]'));
  });
});

describe('evaluation and sampling', () => {
  const network = createNetwork(settings(), data.vocabulary.codes.length);

  it('measures each symbol given all before it, across windows', () => {
    const symbols = data.training.subarray(0, 600);
    const whole = network.withWindow({ streams: 1, steps: 599 });
    const logits = whole.memory.valuesOf(whole.forward(symbols.subarray(0, 599)));
    const size = network.sizes.vocabularySize;
    let sum = 0;
    for (let at = 0; at < 599; at++) {
      const row: ArrayLike<number> = logits.subarray(at * size, (at + 1) * size);
      const total = Array.from(row).reduce((each, logit) => each + Math.exp(logit), 0);
      sum += Math.log(total) - row[symbols[at + 1]!]!;
    }
    expect(negativeLogLikelihood(network, symbols)).toBeCloseTo(sum / 599, 5);
  });

  it('draws symbols by their probabilities, sharpened by temperature', () => {
    const logits = Float64Array.from([0, Math.log(3), -Infinity, Math.log(4)]);
    const shares = (temperature: number) => {
      const counts = [0, 0, 0, 0];
      for (let draw = 0; draw < 800; draw++) counts[drawSymbol(logits, temperature, (draw + 0.5) / 800)]!++;
      return counts;
    };
    expect(shares(1)).toEqual([100, 300, 0, 400]);
    expect(shares(0.5)).toEqual([800 / 26, 7200 / 26, 0, 12_800 / 26].map((count) => Math.round(count)));
    expect(shares(0)).toEqual([0, 0, 0, 800]);
  });
});
