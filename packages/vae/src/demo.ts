import { RandomStream, restored } from '@motley/core';
import {
  type DemoImage,
  activations,
  choice,
  defineDemo,
  image,
  imageGrid,
  pad,
  sketch,
  slider,
} from '@motley/core/demo';
import * as tf from '@tensorflow/tfjs-core';
import type { VaeConfig } from './config.ts';
import { IMAGE_SIZE, PIXELS, Vae } from './model.ts';
import { embed } from './predict.ts';
import { decodeImages, drawLatents, priorMoments } from './sample.ts';

/** Samples of the prior that are shown. */
const SAMPLES = 16;
/** The pad moves a latent by at most so many standard deviations of the prior. */
const REACH = 3;
const NAMES_OF_MOVED = ['the drawing', 'the mean of the prior'] as const;

interface Loaded {
  readonly model: Vae;
  readonly means: Float32Array;
  readonly deviations: Float32Array;
}

/** One image of the rows that `decodeImages` returns: gray, or with three digits as its colors. */
function imageOf(rows: Float32Array, index: number, channels: number): DemoImage {
  const size = { width: IMAGE_SIZE, height: IMAGE_SIZE };
  const values = rows.slice(index * PIXELS * channels, (index + 1) * PIXELS * channels);
  if (channels === 1) return { ...size, gray: values };
  return { ...size, data: Uint8Array.from(values, (value) => Math.round(255 * value)) };
}

/** A drawing as the network takes it: the same digit in each channel. [1, P] */
function rowOf(drawing: Float32Array, channels: number): tf.Tensor {
  const row = new Float32Array(PIXELS * channels);
  for (let at = 0; at < row.length; at++) row[at] = drawing[Math.floor(at / channels)]!;
  return tf.tensor(row, [1, row.length]);
}

/** Draw a digit, see it reconstructed, move two of its latents, and sample the prior. */
export default defineDemo({
  title: 'Draw a digit',
  description:
    'The encoder turns the drawing into a few latents, the decoder turns them back into an image. Move two latents and see what they mean; sample the prior for new digits.',
  inputs: ({ model: { latentSize } }: Loaded) => {
    const names = Array.from({ length: latentSize }, (_, index) => `latent ${index + 1}`);
    return {
      drawing: sketch({ size: IMAGE_SIZE, of: 'white on black', label: 'Drawing', hint: 'Large and in the middle.' }),
      moved: pad({
        x: [-REACH, REACH],
        y: [-REACH, REACH],
        label: 'Two latents',
        hint: 'Steps are standard deviations of the prior. A double click returns to the middle.',
      }),
      from: choice({ options: NAMES_OF_MOVED, default: 'the drawing', label: 'Start from' }),
      across: choice({ options: names, default: names[0]!, label: 'From left to right' }),
      up: choice({ options: names, default: names[Math.min(1, latentSize - 1)]!, label: 'From bottom to top' }),
      temperature: slider({
        min: 0,
        max: 2,
        default: 1,
        step: 0.05,
        label: 'Temperature',
        hint: 'Factor of the standard deviations of the samples: 0 gives the most typical digit, 2 odd ones.',
      }),
      seed: slider({ min: 0, max: 99, default: 0, step: 1, label: 'Seed of the samples' }),
    };
  },
  outputs: {
    reconstruction: image({ label: 'Reconstruction' }),
    moved: image({ label: 'With two latents moved' }),
    samples: imageGrid({ columns: 8, label: 'Samples of the prior' }),
    latents: activations({ label: 'Latents' }),
  },
  load: async ({ weights, config }): Promise<Loaded> => {
    const model = restored(new Vae((config as VaeConfig).model, RandomStream.fromSeed(0)), weights);
    return { model, ...(await priorMoments(model)) };
  },
  run: async ({ model, means, deviations }, values, { signal, emit }) => {
    const { imageChannels: channels, latentSize } = model;
    const row = rowOf(values.drawing, channels);
    const code = embed(model, row);
    const mean = await code.data<'float32'>();
    const moved = values.from === 'the drawing' ? Float32Array.from(mean) : Float32Array.from(means);
    for (const [name, by] of [
      [values.across, values.moved[0]],
      [values.up, values.moved[1]],
    ] as const) {
      const latent = Number(name.split(' ')[1]) - 1;
      moved[latent]! += by * deviations[latent]!;
    }
    const both = tf.tidy(() => tf.concat([code, tf.tensor(moved, [1, latentSize])]));
    tf.dispose([row, code]);
    const pictures = await decodeImages(model, both, RandomStream.fromSeed(0).fork('reconstructions'));
    both.dispose();
    const latents = { name: 'mean of each latent', values: Float32Array.from(mean), height: 1, width: latentSize };
    const shown = {
      reconstruction: imageOf(pictures, 0, channels),
      moved: imageOf(pictures, 1, channels),
      latents: [latents, { ...latents, name: 'after the move', values: moved }],
    };
    await emit(shown);
    if (signal.aborted) return shown;
    const random = RandomStream.fromSeed(values.seed).fork('samples');
    const drawn = await drawLatents(model, SAMPLES, random, values.temperature);
    const samples = await decodeImages(model, drawn, random);
    drawn.dispose();
    return {
      ...shown,
      samples: Array.from({ length: SAMPLES }, (_, index) => ({ image: imageOf(samples, index, channels) })),
    };
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
