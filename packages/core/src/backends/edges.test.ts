import '../nn/gradients/register.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { describeNative, describeOn } from '../testing/native.ts';
import { edges, type Edge } from './testing/edges.ts';
import { findBackends, startBackend } from './testing/start-backend.ts';

const { found } = await findBackends();
const names = Object.keys(edges);
const tensorOf = (values: Edge['result']) => tf.tensor(values);

/** Result and gradients of an edge. */
function derive({ operation }: Edge, inputs: tf.Tensor[]): tf.Tensor[] {
  const loss = (...given: tf.Tensor[]) => tf.sum(operation(...given));
  return [tf.clone(operation(...inputs)), ...(inputs.length === 0 ? [] : tf.grads(loss)(inputs))];
}

async function expectEdge(edge: Edge, [result, ...gradients]: readonly tf.Tensor[]): Promise<void> {
  const expected = [edge.result, ...(edge.gradients ?? [])];
  const given = [result!, ...gradients.slice(0, edge.gradients?.length ?? 0)];
  for (const [index, tensor] of given.entries()) {
    const wanted = tf.tidy(() => tensorOf(expected[index]!));
    expect(tensor.shape).toEqual(wanted.shape);
    const values = Array.from(await tensor.data());
    for (const [place, value] of Array.from(await wanted.data()).entries())
      // NaN and infinities are equal only to themselves.
      if (Number.isFinite(value)) expect(values[place], `at ${place} of ${values.join()}`).toBeCloseTo(value, 4);
      else expect(values[place], `at ${place} of ${values.join()}`).toBe(value);
    wanted.dispose();
  }
}

describeOn(found, 'on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  it.each(names)('%s', async (name) => {
    const edge = edges[name]!;
    const derived = tf.tidy(() => derive(edge, edge.inputs.map(tensorOf)));
    await expectEdge(edge, derived);
    tf.dispose(derived);
  });
});

describeNative('compiled', () => {
  beforeAll(async () => {
    await startBackend('tensorflow');
  });

  it.each(names.flatMap((name) => (['grappler', 'xla'] as const).map((engine) => [name, engine] as const)))(
    '%s by %s',
    async (name, engine) => {
      const { compile } = await import('@motley/tensorflow');
      const edge = edges[name]!;
      const fast = compile((...inputs: tf.Tensor[]) => derive(edge, inputs), { engine });
      const inputs = edge.inputs.map(tensorOf);
      const derived = fast(...inputs);
      await expectEdge(edge, derived);
      tf.dispose([inputs, derived]);
      fast.dispose();
    },
  );
});
