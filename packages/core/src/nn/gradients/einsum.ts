import * as tf from '@tensorflow/tfjs-core';

/** Parsed `tf.einsum` equation: one label per axis. */
interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * @throws Error where the equation is malformed, repeats a label within a term or uses `...`; TensorFlow.js refuses
 *   these too
 */
function parse(text: string): Equation {
  const [left = '', right, ...more] = text.replaceAll(' ', '').split('->');
  const terms = [...left.split(','), right ?? ''];
  const isTerm = (term: string) => /^[A-Za-z]*$/.test(term) && new Set(term).size === term.length;
  if (right === undefined || more.length > 0 || !terms.every(isTerm))
    throw new Error(`einsum: expected terms of different letters as in "ij,jk->ik", got "${text}"`);
  return { operands: left.split(',').map((term) => term.split('')), output: right.split('') };
}

/**
 * Gradient of `tf.einsum`, missing in TensorFlow.js (tfjs issue 5690). The gradient of an operand is the einsum of the
 * output gradient with the other operands, repeated along axes that occur in this operand only.
 */
export const einsumGradient: tf.GradConfig = {
  kernelName: 'Einsum',
  saveAllInputs: true,
  gradFunc: (gradient, saved, attributes) => {
    const { operands, output } = parse(attributes.equation as string);
    const entries = operands.map((labels, index) => {
      const others = operands.filter((_, other) => other !== index);
      const known = new Set([...output, ...others.flat()]);
      const present = labels.filter((label) => known.has(label));
      const equation = `${[output, ...others].map((term) => term.join('')).join()}->${present.join('')}`;
      const byOperand = (): tf.Tensor => {
        const rest = saved.filter((_, other) => other !== index);
        const reduced = composedEinsum(equation, [gradient as tf.Tensor, ...rest]);
        const { shape } = saved[index]!;
        if (present.length === labels.length) return reduced;
        const withOnes = shape.map((size, axis) => (known.has(labels[axis]!) ? size : 1));
        return tf.broadcastTo(tf.reshape(reduced, withOnes), shape);
      };
      return [index, byOperand] as const;
    });
    return Object.fromEntries(entries);
  },
};

/**
 * Einsum of one or two operands, composed of sums, one batched matrix product and transposes. Axes in both operands and
 * the output are batch axes; axes in both operands only are contracted. WebAssembly has no einsum kernel, and the plain
 * JavaScript kernel returns a wrong shape where an axis of a single operand is summed.
 */
export function composedEinsum(text: string, tensors: readonly tf.Tensor[]): tf.Tensor {
  const equation = parse(text);
  const { operands, output } = equation;
  if (operands.length !== tensors.length || tensors.length > 2)
    throw new Error(`einsum "${text}": expected ${Math.min(operands.length, 2)} tensors, got ${tensors.length}`);
  return tf.tidy(() => {
    const sizes = sizesOf(text, equation, tensors);
    // Sum out the axes that occur in this term only.
    const terms = operands.map((labels, index) => {
      const others = new Set([...output, ...operands.filter((_, other) => other !== index).flat()]);
      const alone = labels.flatMap((label, axis) => (others.has(label) ? [] : [axis]));
      const value = alone.length === 0 ? tensors[index]! : tf.sum(tensors[index]!, alone);
      return { labels: labels.filter((label) => others.has(label)), value };
    });
    const [a, b] = terms;
    if (b === undefined) return permuted(a!.value, a!.labels, output);
    const inOutput = (label: string) => output.includes(label);
    const batch = a!.labels.filter((label) => b.labels.includes(label) && inOutput(label));
    const inner = a!.labels.filter((label) => b.labels.includes(label) && !inOutput(label));
    const rows = a!.labels.filter((label) => !b.labels.includes(label));
    const columns = b.labels.filter((label) => !a!.labels.includes(label));
    const count = (labels: readonly string[]) => labels.reduce((product, label) => product * sizes.get(label)!, 1);
    const left = tf.reshape(permuted(a!.value, a!.labels, [...batch, ...rows, ...inner]), [
      count(batch),
      count(rows),
      count(inner),
    ]);
    const right = tf.reshape(permuted(b.value, b.labels, [...batch, ...inner, ...columns]), [
      count(batch),
      count(inner),
      count(columns),
    ]);
    const labels = [...batch, ...rows, ...columns];
    const product = tf.reshape(
      tf.matMul(left, right),
      labels.map((label) => sizes.get(label)!),
    );
    return permuted(product, labels, output);
  });
}

function sizesOf(text: string, { operands, output }: Equation, tensors: readonly tf.Tensor[]): Map<string, number> {
  const sizes = new Map<string, number>();
  operands.forEach((labels, index) => {
    const { shape } = tensors[index]!;
    const fits =
      shape.length === labels.length &&
      labels.every((label, axis) => (sizes.get(label) ?? shape[axis]) === shape[axis]);
    if (!fits) throw new Error(`einsum "${text}": operand ${index} of shape [${shape.join(', ')}] does not fit`);
    labels.forEach((label, axis) => sizes.set(label, shape[axis]!));
  });
  const unknown = output.find((label) => !sizes.has(label));
  if (unknown !== undefined) throw new Error(`einsum "${text}": no operand has the output's axis "${unknown}"`);
  return sizes;
}

function permuted(tensor: tf.Tensor, from: readonly string[], to: readonly string[]): tf.Tensor {
  return from.join() === to.join()
    ? tensor
    : tf.transpose(
        tensor,
        to.map((label) => from.indexOf(label)),
      );
}
