import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { register } from '../../register.ts';
import { describeNative } from '../../testing.ts';
import { compile } from '../compile.ts';
import { fill, reals, uniform } from './testing/cases.ts';
import { expectClose } from './testing/check.ts';

/**
 * Instructions of a program. Each works on values so far, chosen by position; all values are [3, 3]. None makes them
 * much larger and none saturates, so that rounding errors stay as small as those of one operation.
 */
const instructions = {
  add: (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.add(a, b), 0.5),
  subtract: (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.sub(a, b), 0.5),
  multiply: (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.sin(a), b),
  product: (a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.matMul(a, tf.sigmoid(b), false, true), 1 / 3),
  normalize: (a: tf.Tensor) => tf.div(tf.sub(a, tf.mean(a, -1, true)), 3),
  softmax: (a: tf.Tensor) => tf.softmax(a),
  softplus: (a: tf.Tensor) => tf.softplus(a),
  transpose: (a: tf.Tensor) => tf.transpose(a),
  reshape: (a: tf.Tensor) => tf.reshape(tf.reshape(a, [9]), [3, 3]),
  neutral: (a: tf.Tensor) => tf.add(tf.mul(tf.cast(a, 'float32'), 1), 0),
  rows: (a: tf.Tensor, b: tf.Tensor) => tf.concat([tf.slice(a, [1, 0], [2, 3]), tf.slice(b, [0, 0], [1, 3])], 0),
  gather: (a: tf.Tensor) => tf.gather(a, tf.tensor1d([2, 0, 0], 'int32')),
  total: (a: tf.Tensor, b: tf.Tensor) => tf.add(tf.mean(a), b),
  difference: (a: tf.Tensor) => tf.sub(a, a),
} as const;

type Variables = readonly [assigned: tf.Variable, updatedInPlace: tf.Variable];

const SGD = { momentum: 0, nesterov: false, weightDecay: 0 };
const descend = (parameter: tf.Variable, gradient: tf.Tensor) => {
  tf.engine().runKernel('SgdUpdate', { parameter, gradient, learningRate: tf.scalar(0.1) }, SGD);
};

/** Assignments. Later operations still use values that were read before. */
const effects = {
  assign: ([variable]: Variables, value: tf.Tensor) => {
    variable.assign(tf.sin(value));
  },
  accumulate: ([variable]: Variables, value: tf.Tensor) => {
    variable.assign(tf.add(tf.mul(variable, 0.5), tf.sin(value)));
  },
  updateInPlace: ([, variable]: Variables, value: tf.Tensor) => {
    descend(variable, tf.sin(value));
  },
} as const;

type Line =
  | { readonly does: keyof typeof instructions; readonly a: number; readonly b: number }
  | { readonly does: keyof typeof effects; readonly a: number };

const line: fc.Arbitrary<Line> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom(...(Object.keys(instructions) as (keyof typeof instructions)[])),
      a: fc.nat(20),
      b: fc.nat(20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom(...(Object.keys(effects) as (keyof typeof effects)[])),
      a: fc.nat(20),
    }),
  },
);

const isEffect = (each: Line): each is Extract<Line, { does: keyof typeof effects }> => each.does in effects;

/** Runs a program. Its first values are the inputs; reading a variable adds one. */
function run(program: readonly Line[], inputs: readonly tf.Tensor[], variables: Variables): tf.Tensor[] {
  const values = [...inputs];
  const pick = (position: number) => {
    const choices = [...values, ...variables];
    return choices[position % choices.length]!;
  };
  for (const each of program) {
    if (isEffect(each)) effects[each.does](variables, pick(each.a));
    else values.push(instructions[each.does](pick(each.a), pick(each.b)));
  }
  return values.slice(inputs.length);
}

/**
 * A training step: the program without assignments is the loss, whose gradients move the variables. Then the whole
 * program runs.
 */
function step(program: readonly Line[], inputs: readonly tf.Tensor[], variables: Variables): tf.Tensor[] {
  const pure = program.filter((each) => !isEffect(each));
  const loss = () => tf.mean(tf.softplus(tf.addN([...run(pure, inputs, variables), ...variables]))).asScalar();
  const { value, grads } = tf.variableGrads(loss, [...variables]);
  const [assigned, updatedInPlace] = variables;
  const gradients = variables.map((variable) => grads[variable.name]!) as [tf.Tensor, tf.Tensor];
  assigned.assign(tf.sub(assigned, tf.mul(gradients[0], 0.1)));
  descend(updatedInPlace, gradients[1]);
  return [value, ...gradients, ...run(program, inputs, variables)];
}

describeNative('compiled programs have the eager results', () => {
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    ({ backend } = await register());
  });

  it.each(['run', 'step'] as const)('random programs that read and assign variables (%s)', (kind) => {
    const body = { run, step }[kind];
    fc.assert(
      fc.property(fc.array(line, { minLength: 3, maxLength: 8 }), fc.nat(), (program, seed) => {
        const before = backend.nativeTensors;
        const make = () => {
          const random = uniform(seed);
          const [first, second, ...rounds] = Array.from({ length: 8 }, () => fill(reals([3, 3]), random));
          const variables: Variables = [tf.variable(first!), tf.variable(second!)];
          return { variables, rounds: [rounds.slice(0, 2), rounds.slice(2, 4), rounds.slice(4, 6)] };
        };
        tf.tidy(() => {
          const [eager, fast] = [make(), make()];
          const compiled = compile((...inputs: tf.Tensor[]) => body(program, inputs, fast.variables), {
            engine: 'grappler',
          });
          eager.rounds.forEach((inputs, round) => {
            const expected = body(program, inputs, eager.variables);
            const actual = compiled(...fast.rounds[round]!);
            expect(actual).toHaveLength(expected.length);
            // Rounding errors of one round enter the next.
            const allowed = 1e-5 * 3 ** round;
            expected.forEach((tensor, index) => {
              expectClose(actual[index]!, tensor, allowed);
            });
            eager.variables.forEach((variable, index) => {
              expectClose(fast.variables[index]!, variable, allowed);
            });
          });
          compiled.dispose();
          for (const variable of [...eager.variables, ...fast.variables]) variable.dispose();
        });
        expect(backend.nativeTensors).toBe(before);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
