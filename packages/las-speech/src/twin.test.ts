import { RandomStream, StepRandom, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { listeningLoss, spellingLoss } from './loss.ts';
import { ListenAttendSpell } from './model.ts';
import { describeNative, describeOn } from './testing/native.ts';
import {
  batchOf,
  CTC_WEIGHT,
  difference,
  LABEL_SMOOTHING,
  referenceCases,
  settingsOf,
  weightsOf,
  type ReferenceCase,
} from './testing/reference.ts';

const TOLERANCE = 1e-5;

type Batch = ReturnType<typeof batchOf>;

/** A case's network with the weights of reference.py, in training. */
function twinOf(each: ReferenceCase): ListenAttendSpell {
  const model = new ListenAttendSpell(settingsOf(each), RandomStream.fromSeed(0));
  tf.tidy(() => {
    model.loadStateDict(weightsOf(each));
  });
  return model;
}

/** All that reference.py tells of a batch, by the same names, as in training with every letter told. */
function resultsOf(model: ListenAttendSpell, { frames, lengths, transcripts }: Batch, random = noise()) {
  const heard = model.listen(frames, lengths, random);
  const ctcLogits = model.ctc!.forward(heard.values);
  const ctc = listeningLoss(ctcLogits, heard, transcripts);
  const speller = model.speller!;
  const memory = speller.attention.remember(heard.values, heard.lengths);
  const teaching = { random, teacherForcing: tf.scalar(1) };
  const { logits, weights } = speller.forward(memory, transcripts, teaching);
  const spelling = spellingLoss(logits, transcripts, LABEL_SMOOTHING).loss;
  const loss = tf.add(tf.mul(1 - CTC_WEIGHT, spelling), tf.mul(CTC_WEIGHT, ctc));
  return { heard: heard.values, steps: heard.lengths, ctcLogits, logits, weights, spelling, ctc, loss };
}

const noise = (): StepRandom => new StepRandom([1, 2], tf.scalar(0, 'int32'));

/** Results, and gradients of the joint loss. */
function computed(model: ListenAttendSpell, batch: Batch) {
  const { gradients } = valueAndGradients(() => ({ loss: resultsOf(model, batch).loss }), model.namedParameters());
  return { results: resultsOf(model, batch), gradients };
}

function expectTwin({ results, gradients }: ReturnType<typeof computed>, each: ReferenceCase): void {
  expect(Object.keys(gradients)).toEqual(Object.keys(each.gradients));
  const differences = [
    ...Object.entries(results).map(([name, found]) => {
      return [name, difference(found, each.results[name as keyof typeof results])] as const;
    }),
    ...Object.entries(each.gradients).map(([name, { values }]) => {
      return [name, difference(gradients[name]!, values)] as const;
    }),
  ];
  expect(differences.filter(([, value]) => !(value < TOLERANCE))).toEqual([]);
}

const NAMED =
  '$attention attention, $pyramidLayers pyramid layers, $framesPerStep frames per step, tied $tiedEmbedding';

describeOn(['cpu', 'wasm', 'tensorflow'], 'the network on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it.each(referenceCases)(`equals PyTorch, forward and backward: ${NAMED}`, (each) => {
    const model = twinOf(each);
    tf.tidy(() => {
      expectTwin(computed(model, batchOf(each)), each);
    });
    model.dispose();
  });

  it.each(referenceCases)(`ignores what lies beyond an end, NaN too: ${NAMED}`, (each) => {
    const model = twinOf(each);
    tf.tidy(() => {
      const batch = batchOf(each);
      const isWithin = tf.less(tf.range(0, each.frames, 1, 'int32'), tf.expandDims(batch.lengths, 1)); // [B, T]
      const frames = tf.where(tf.expandDims(isWithin, 2), batch.frames, tf.fill(batch.frames.shape, NaN));
      expectTwin(computed(model, { ...batch, frames }), each);
    });
    model.dispose();
  });
});

describeNative('the compiled network', () => {
  beforeAll(() => chooseBackend('tensorflow'));

  const onEngine = (each: ReferenceCase, engine: 'grappler' | 'xla'): void => {
    const model = twinOf(each);
    const compiled = compile((batch: Batch) => computed(model, batch), { engine });
    tf.tidy(() => {
      expectTwin(compiled(batchOf(each)), each);
    });
    compiled.dispose();
    model.dispose();
  };

  it.each(referenceCases)(`equals PyTorch, forward and backward: ${NAMED}`, (each) => {
    onEngine(each, 'grappler');
  });

  // XLA compiles loops for long; the case without a pyramid has the fewest.
  it('equals PyTorch by XLA too', { timeout: 300_000 }, () => {
    onEngine(referenceCases[3]!, 'xla');
  });
});
