import { expect, it } from 'vitest';
import { chooseBackend } from '../node/backend.ts';
import { stepCompiler } from '../node/compile.ts';
import { describeNative } from '../testing/native.ts';
import { fit, type StepCompiler } from './fit.ts';
import { Recorder, regression, tokenRegression, weightsOf, type Options } from './testing.ts';

// Compilation requires the TensorFlow library.
describeNative('a compiled training', () => {
  /** Weights and epoch means of a compiled training with dropout-like noise. */
  const train = async (changed: Partial<Options>) => {
    const report = await chooseBackend('tensorflow');
    const compiler = await stepCompiler(report, { compile: true, precision: 'float32' });
    // A named engine skips the trial runs that would choose one.
    const compile: StepCompiler = (step, _, stepsPerCall) => compiler!(step, 'grappler', stepsPerCall);
    const recorder = new Recorder();
    const options = regression({ compile, listeners: [recorder], epochs: 3, ...changed });
    const result = await fit(options);
    const logged = recorder.records.map(({ step, metrics: { loss, epochLoss } }) => [step, loss, epochLoss]);
    return { result, logged, weights: weightsOf(options.model), recorder };
  };

  it('has bit-identical results with several steps per call', async () => {
    const single = await train({ maxGradientNorm: 1, emaDecay: 0.9 });
    expect(single.result.engine).toBe('grappler');
    const start = { ...single.recorder.checkpoints[0]! };
    const [one, several] = [
      await train({ maxGradientNorm: 1, emaDecay: 0.9, resume: start }),
      await train({ maxGradientNorm: 1, emaDecay: 0.9, resume: start, stepsPerCall: 2 }),
    ];
    expect(several.weights).toEqual(one.weights);
    expect(several.logged).toEqual(one.logged);
  });

  it.each([1, 2])('reports its graph once, with %i steps per call', async (stepsPerCall) => {
    const graphs: Uint8Array[] = [];
    const listener = { onGraph: (graphDef: Uint8Array) => void graphs.push(graphDef) };
    await train({ stepsPerCall, listeners: [listener], epochs: 2 });
    expect(graphs).toHaveLength(1);
    expect(Buffer.from(graphs[0]!).includes('ResourceApplyAdam')).toBe(true);
  });

  it.each([1, 3])('weights means over tokens as an uncompiled one does, with %i batches per update', async (count) => {
    await chooseBackend('tensorflow');
    const trained = async (changed: Partial<Pick<Options, 'compile' | 'stepsPerCall'>>) => {
      const recorder = new Recorder();
      const options = tokenRegression(5);
      await fit({ ...options, ...changed, accumulationSteps: count, epochs: 2, listeners: [recorder] });
      const { epochLoss } = recorder.records.findLast(({ metrics }) => 'epochLoss' in metrics)!.metrics;
      return [...weightsOf(options.model), epochLoss!];
    };
    const compiler = await stepCompiler(await chooseBackend('tensorflow'), { compile: true, precision: 'float32' });
    const compile: StepCompiler = (step, _, stepsPerCall) => compiler!(step, 'grappler', stepsPerCall);
    const eager = await trained({});
    for (const found of [
      await trained({ compile }),
      ...(count === 1 ? [await trained({ compile, stepsPerCall: 2 })] : []),
    ])
      for (const [index, value] of eager.entries()) expect(found[index]).toBeCloseTo(value, 4);
  });

  it('accumulates gradients as an uncompiled one does', async () => {
    const compiled = await train({ accumulationSteps: 3, maxGradientNorm: 1 });
    const eager = await train({ accumulationSteps: 3, maxGradientNorm: 1, compile: undefined });
    for (const [index, weight] of eager.weights.entries()) expect(compiled.weights[index]).toBeCloseTo(weight, 4);
    expect(compiled.result.engine).toBeDefined();
    expect(eager.result.engine).toBeUndefined();
  });
});
