import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/batches.ts';
import type { Module } from '../nn/module.ts';
import type { StateDict } from '../nn/state-dict.ts';
import { countNonFinite, firstNonFinite } from './kernel-watch.ts';
import type { StepInputs, StepParts, StepTerms } from './step.ts';

/**
 * Makes one uncompiled update per batch and looks for the first non-finite tensor: a batch field, a parameter, an
 * activation, a gradient or an updated parameter. Takes ownership of batches and inputs.
 * @returns description of that tensor; undefined where all are finite
 */
export async function checkedUpdate<Item extends Batch>(
  model: Module,
  parts: StepParts<Item>,
  group: readonly { readonly batch: Item; readonly inputs: StepInputs }[],
): Promise<string | undefined> {
  try {
    for (const { batch, inputs } of group) {
      const found = await checkedBatch(model, parts, batch, inputs);
      if (found !== undefined) return found;
    }
  } finally {
    tf.dispose(group as unknown as tf.TensorContainer);
  }
  return firstBad(parametersOf(model), (name) => `parameter "${name}" after its update`);
}

async function checkedBatch<Item extends Batch>(
  model: Module,
  parts: StepParts<Item>,
  batch: Item,
  inputs: StepInputs,
): Promise<string | undefined> {
  const found =
    (await firstBad(batch, (name) => `the batch's "${name}"`)) ??
    (await firstBad(parametersOf(model), (name) => `parameter "${name}"`)) ??
    (await badTerm(model, () => parts.terms(batch, inputs)));
  if (found !== undefined) return found;
  const { terms, gradients } = parts.gradients(batch, inputs);
  tf.dispose(terms);
  // In the order of the backward pass.
  const backwards = Object.fromEntries(Object.entries(gradients).reverse());
  const bad = await firstBad(backwards, (name) => `the gradient of "${name}"`);
  if (bad !== undefined) {
    tf.dispose(gradients);
    return bad;
  }
  tf.dispose(parts.apply(gradients, inputs));
  return undefined;
}

/** The first non-finite activation behind a non-finite term, or the term itself where no kernel produced one. */
async function badTerm(model: Module, termsOf: () => StepTerms): Promise<string | undefined> {
  let terms: StepTerms = {};
  try {
    const activation = await firstNonFinite(model, () => {
      terms = tf.tidy(termsOf);
    });
    const bad = await firstBad(terms, (name) => `the term "${name}"`);
    // Infinite values with finite results (a mask's) are harmless.
    return bad && (activation ?? bad);
  } finally {
    tf.dispose(terms);
  }
}

function parametersOf(model: Module): StateDict {
  return Object.fromEntries(model.namedParameters());
}

async function firstBad(tensors: StateDict, named: (name: string) => string): Promise<string | undefined> {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor.dtype !== 'float32') continue;
    const counts = countNonFinite(tensor);
    const [nans = 0, infinities = 0] = await counts.data();
    counts.dispose();
    const bad = nans + infinities;
    if (bad > 0) return `the first tensor that went bad is ${named(name)}: ${bad} of ${tensor.size} values`;
  }
  return undefined;
}
