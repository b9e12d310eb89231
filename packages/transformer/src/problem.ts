import { RandomStream, type StateDict, type StepCompiler } from '@motley/core';
import type { Tokenizer } from '@motley/core/text';
import { type Metrics, UserError, type BatchSource, type EvaluationLimits, largest } from '@motley/run';
import type { MetricTable } from '@motley/run/node';
import { bucketedBatches, lengthOf, SYMBOLS_PER_PAIR, type PairBatch } from './batches.ts';
import type { TransformerConfig } from './config.ts';
import { isPlayground } from './create-model.ts';
import { encodePairs, loadData, type TranslationData } from './data.ts';
import { baselines, scoreTranslator, measureLoss } from './evaluate.ts';
import type { Transformer } from './model.ts';
import { playground, type HeldOut, type Playground, type PlaygroundName } from './playground/index.ts';
import { Translator } from './predict.ts';
import { characterVocabulary, FRAME, vocabularyOfCheckpoint } from './vocabulary.ts';

/** Learning problem: translation or a toy task. */
export interface Problem {
  readonly tokenizer: Tokenizer;
  /** Data or toy task, for the figures. */
  readonly subject:
    { readonly translation: TranslationData } | { readonly name: PlaygroundName; readonly task: Playground };
  trainingBatches(random: RandomStream): BatchSource<PairBatch>;
  validate(model: Transformer, limits?: EvaluationLimits): Promise<Metrics>;
  /** All metrics of a trained network on the validation or test part. */
  evaluate(model: Transformer, part: 'validation' | 'test', compile?: StepCompiler): Promise<Metrics>;
  /** Metrics of predictors without a network, on the test part. */
  baselines(): MetricTable;
}

/** Validation questions of a toy task, as a fraction of its test questions. */
const VALIDATION_SHARE = 0.2;

/**
 * Opens the problem of a configuration.
 * @param path value of `--data`
 * @param weights weights of a checkpoint, which has its vocabulary; by default a vocabulary is learned
 * @throws UserError if the data are missing or malformed, or do not fit the configuration
 */
export async function openProblem(config: TransformerConfig, path?: string, weights?: StateDict): Promise<Problem> {
  const { source } = config.data;
  const kind = isPlayground(source) ? playground(source).kind : 'encoder-decoder';
  if (config.model.kind !== kind)
    throw new UserError(`model.kind: expected ${kind} for data.source ${source}, got ${config.model.kind}`);
  if (!isPlayground(source)) {
    checkLengths(config);
    const tokenizer = weights === undefined ? undefined : await vocabularyOfCheckpoint(weights);
    return translationProblem(config, await loadData(config, path, tokenizer));
  }
  if (path !== undefined)
    throw new UserError(`--data: expected data.source dictionary or multi30k, got ${source}, which reads no file`);
  return playgroundProblem(config, source);
}

/** @throws UserError if `maxSymbols` exceeds the longest bucket, or a bucket exceeds the network's maximum length */
function checkLengths({ model: { maxLength }, data: { bucketBoundaries, maxSymbols } }: TransformerConfig): void {
  const longest = largest(bucketBoundaries);
  if (maxSymbols > longest)
    throw new UserError(`data.maxSymbols: expected at most the longest bucket, ${longest}, got ${maxSymbols}`);
  if (longest > maxLength)
    throw new UserError(`data.bucketBoundaries: expected at most model.maxLength, ${maxLength}, got ${longest}`);
}

/** Translation of sentence pairs. */
export function translationProblem(config: TransformerConfig, data: TranslationData): Problem {
  const {
    model: { maxLength },
    data: { bucketBoundaries, maxSymbols },
    training,
  } = config;
  const longest = largest(bucketBoundaries);
  for (const part of ['validation', 'test'] as const) {
    const most = largest(encodePairs(data[part], data.tokenizer).map((pair) => lengthOf(pair)));
    if (most > maxLength)
      throw new UserError(
        `model.maxLength: expected at least ${most}, the length of the longest ${part} sentence with its end symbol, got ${maxLength}`,
      );
  }
  const boundaries = longest === maxLength ? bucketBoundaries : [...bucketBoundaries, maxLength];
  const inBuckets = (part: 'training' | 'validation' | 'test', most: number, random?: RandomStream) =>
    bucketedBatches(
      encodePairs(data[part], data.tokenizer).filter((pair) => lengthOf(pair) <= most),
      FRAME,
      {
        boundaries,
        symbolsPerBatch: training.batchSize * SYMBOLS_PER_PAIR,
        ...(random !== undefined && { random }),
      },
    );
  return {
    tokenizer: data.tokenizer,
    subject: { translation: data },
    trainingBatches: (random) => inBuckets('training', maxSymbols, random),
    async validate(model, limits) {
      return { loss: await measureLoss(model, inBuckets('validation', maxLength), limits) };
    },
    async evaluate(model, part, compile) {
      const translator = new Translator(model, data.tokenizer, config.decoding, compile);
      try {
        const loss = await measureLoss(model, inBuckets(part, maxLength));
        return { loss, ...(await scoreTranslator(translator, data[part])) };
      } finally {
        translator.dispose();
      }
    },
    baselines: () => baselines(data),
  };
}

/** Test questions of a toy task. */
export function playgroundHeldOut({ data: { maxLength, examples, seed } }: Pick<TransformerConfig, 'data'>): HeldOut {
  return { maxLength, examples, random: RandomStream.fromSeed(seed).fork('test') };
}

function playgroundProblem(config: TransformerConfig, name: PlaygroundName): Problem {
  const { data, training } = config;
  const task = playground(name);
  const longest = task.inputLength(2 * data.maxLength);
  if (config.model.maxLength < longest)
    throw new UserError(
      `model.maxLength: expected at least ${longest}, as questions up to twice data.maxLength are evaluated, got ${config.model.maxLength}`,
    );
  const test = playgroundHeldOut(config);
  const validation = {
    ...test,
    examples: Math.ceil(VALIDATION_SHARE * data.examples),
    random: RandomStream.fromSeed(data.seed).fork('validation'),
  };
  return {
    tokenizer: characterVocabulary(task.symbols),
    subject: { name, task },
    trainingBatches: (order) =>
      task.trainingBatches({
        maxLength: data.maxLength,
        batchSize: training.batchSize,
        batchesPerEpoch: training.stepsPerEpoch ?? training.steps ?? 1000,
        random: order,
      }),
    validate: async (model) => (await task.measure(model, validation)).metrics,
    evaluate: async (model, part) => (await task.measure(model, part === 'test' ? test : validation)).metrics,
    baselines: () =>
      Object.fromEntries(Object.entries(task.baselines(test)).map(([name, { metrics }]) => [name, metrics])),
  };
}
