import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { meanAndDeviation, UserError } from '@motley/run';
import { type PlainCommand, userPath } from '@motley/run/node';
import { z } from 'zod';
import { ARCHITECTURE_NAMES } from './architectures.ts';
import { config } from './config.ts';
import { loadWhole, type WholeData } from './data.ts';
import { evaluateHead, majority, nearestPicture } from './evaluate.ts';
import { seeingOf } from './predict.ts';
import { stratifiedSplit } from './sources/split.ts';
import { FeatureStore } from './transfer/features.ts';
import { fitRidge, type Rows } from './transfer/ridge.ts';
import { digestOf, findWeights, openBackbone } from './transfer/weights.ts';

const options = {
  architecture: z.enum(ARCHITECTURE_NAMES).default('efficientnet-lite0').describe('its weights can be fetched'),
  weights: z.string().nullable().default(null).describe('those that fetch brought'),
  framing: z.enum(['auto', 'crop', 'whole']).default('auto').describe('as in a training'),
  repeats: z.int().min(2).max(1000).default(10).describe('enough to see the spread'),
  testShare: z.number().gt(0).lt(1).default(0.25).describe('of each class'),
  seed: z.int().min(0).default(0).describe('any; of the splits'),
};

/** A part of the pictures that tests, and the others. */
interface Split {
  readonly name: string;
  readonly training: readonly number[];
  readonly test: readonly number[];
}

/** Each style in turn, or repeated stratified splits. */
function splitsOf(
  { pictures, styles }: WholeData,
  { repeats, testShare, seed }: Record<'repeats' | 'testShare' | 'seed', number>,
): Split[] {
  const places = Array.from(pictures.labels.keys());
  if (styles !== undefined)
    return [...new Set(styles)].map((style) => ({
      name: `without ${style}`,
      training: places.filter((place) => styles[place] !== style),
      test: places.filter((place) => styles[place] === style),
    }));
  const random = RandomStream.fromSeed(seed).fork('splits');
  return Array.from({ length: repeats }, (_, repeat) => {
    const [training, test] = stratifiedSplit([...pictures.labels], testShare, random.fork(repeat));
    return { name: `split ${repeat + 1}`, training, test };
  });
}

function chosen({ values, width }: Rows, places: readonly number[]): Rows {
  const rows = new Float32Array(places.length * width);
  for (const [row, place] of places.entries())
    rows.set(values.subarray(place * width, (place + 1) * width), row * width);
  return { values: rows, width };
}

/** Accuracies of predictors on features of the backbone as it came, over many splits of the same pictures. */
export const splitsCommand: PlainCommand<typeof options> = {
  description: 'measure features over many splits: each style left out in turn, or repeated stratified splits',
  texts: 'emoji (default), openclipart, or a folder of class folders',
  options,
  async run({ texts, options: given, print }) {
    if (texts.length > 1) throw new UserError(`splits: expected one source, got ${texts.length}`);
    const [source = 'emoji'] = texts;
    const isKnown = source === 'emoji' || source === 'openclipart';
    const { architecture, weights, framing } = given;
    const settings = config.resolve({
      set: [
        `model.architecture=${architecture}`,
        `data.framing=${framing}`,
        ...(isKnown ? [`data.source=${source}`] : []),
      ],
    });
    const { backend, device } = await chooseBackend('auto');
    print(`${backend} on ${device}`);
    const whole = await loadWhole(settings, isKnown ? undefined : userPath(source, 'splits'));
    const { classes, pictures } = whole;
    const found = findWeights(architecture, weights);
    if (found.kind === 'random') print(found.advice);
    const model = await openBackbone(architecture, found, classes.length, RandomStream.fromSeed(0));
    const features = await new FeatureStore(model, seeingOf(settings), digestOf(model)).features(pictures);
    model.dispose();
    const accuracies = new Map<string, number[]>();
    for (const { name, training, test } of splitsOf(whole, given)) {
      const labels = Int32Array.from(training, (place) => pictures.labels[place]!);
      const wanted = Int32Array.from(test, (place) => pictures.labels[place]!);
      const [seen, unseen] = [chosen(features, training), chosen(features, test)];
      const measured = {
        majority: majority(labels, wanted, classes.length),
        'nearest picture': nearestPicture(seen, labels, unseen, wanted),
        ridge: evaluateHead(fitRidge(seen, labels, classes.length), unseen, wanted).metrics,
      };
      const { accuracy, accuracyLow, accuracyHigh, pictures: count } = measured.ridge;
      print(
        `${name}: ridge ${accuracy!.toFixed(3)} (${accuracyLow!.toFixed(3)} to ${accuracyHigh!.toFixed(3)}) of ${count!} pictures`,
      );
      for (const [predictor, metrics] of Object.entries(measured))
        accuracies.set(predictor, [...(accuracies.get(predictor) ?? []), metrics.accuracy!]);
    }
    for (const [predictor, values] of accuracies) {
      const { mean, standardDeviation, count } = meanAndDeviation(values);
      print(`${predictor}: ${mean.toFixed(3)} ± ${standardDeviation.toFixed(3)} over ${count} splits`);
    }
  },
};
