import { backend as currentBackend, registerGradient, registerKernel, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { TensorFlowError } from '../c-api/status.ts';
import { compile } from '../compile/compile.ts';
import { gruBackward, gruForward } from './gru.ts';
import { lstmBackward, lstmForward } from './lstm.ts';

/** Attributes of `LstmLayer` and `GruLayer`. */
interface RecurrentAttributes {
  /** Whether to run from the last step to the first. */
  readonly reverse: boolean;
}

/**
 * Registers whole recurrent layers and their backward passes, each as one loop in the graph. Inputs are lists in the
 * order of `LstmInputs` and `GruInputs`, without the mask if there is none. The first results are the states of all
 * steps and the last state; the others are kept for the gradient. Core looks the kernels up by name, and composes the
 * layers of small operations on other backends.
 */
export function registerRecurrentKernels(): void {
  register({
    name: 'LstmLayer',
    kept: [true, false, false, true, true],
    forward: fused(([inputs, hidden, cell, weightIh, weightHh, bias, mask]: readonly Tensor[], reverse) => {
      const given = {
        inputs: inputs!,
        hidden: hidden!,
        cell: cell!,
        weightIh: weightIh!,
        weightHh: weightHh!,
        bias: bias!,
      };
      const result = lstmForward(current(), { ...given, mask: mask ?? null }, reverse);
      return [result.states, result.hidden, result.cell, result.cells, result.tangents];
    }),
    backward: fused((tensors: readonly Tensor[], reverse) => {
      const [states, cells, tangents, dStates, dHidden, dCell, inputs, hidden, cell, weightIh, weightHh, , mask] =
        tensors;
      const given = { inputs: inputs!, hidden: hidden!, cell: cell!, weightIh: weightIh!, weightHh: weightHh! };
      const gradients = { states: dStates!, hidden: dHidden!, cell: dCell! };
      const trace = { states: states!, cells: cells!, tangents: tangents! };
      const result = lstmBackward(current(), { ...given, mask: mask ?? null }, trace, gradients, reverse);
      return [result.inputs, result.hidden, result.cell, result.weightIh, result.weightHh, result.bias];
    }),
    stateCount: 2,
  });
  register({
    name: 'GruLayer',
    kept: [true, false, true],
    forward: fused(([inputs, hidden, weightIh, weightHh, biasIh, biasHh, mask]: readonly Tensor[], reverse) => {
      const given = { inputs: inputs!, hidden: hidden!, weightIh: weightIh!, weightHh: weightHh! };
      const biases = { biasIh: biasIh!, biasHh: biasHh! };
      const result = gruForward(current(), { ...given, ...biases, mask: mask ?? null }, reverse);
      return [result.states, result.hidden, result.gates];
    }),
    backward: fused((tensors: readonly Tensor[], reverse) => {
      const [states, gates, dStates, dHidden, inputs, hidden, weightIh, weightHh, , , mask] = tensors;
      const given = { inputs: inputs!, hidden: hidden!, weightIh: weightIh!, weightHh: weightHh! };
      const gradients = { states: dStates!, hidden: dHidden! };
      const trace = { states: states!, gates: gates! };
      const result = gruBackward(current(), { ...given, mask: mask ?? null }, trace, gradients, reverse);
      return [result.inputs, result.hidden, result.weightIh, result.weightHh, result.biasIh, result.biasHh];
    }),
    stateCount: 1,
  });
}

type Pass = (tensors: readonly Tensor[], reverse: boolean) => Tensor[];

interface RecurrentLayer {
  readonly name: string;
  readonly forward: Pass;
  /** Maps the kept results, the gradients of states and last state, and the inputs to the inputs' gradients. */
  readonly backward: Pass;
  /** Whether the backward pass needs each result. */
  readonly kept: boolean[];
  /** Number of tensors of the last state. */
  readonly stateCount: number;
}

function register({ name, forward, backward, kept, stateCount }: RecurrentLayer): void {
  registerKernel({
    kernelName: name,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) =>
      forward(Object.values(inputs) as Tensor[], (attrs as unknown as RecurrentAttributes).reverse),
  });
  registerGradient({
    kernelName: name,
    saveAllInputs: true,
    outputsToSave: kept,
    gradFunc: (gradients, saved, attrs) => {
      const keptCount = kept.filter(Boolean).length;
      const [inputs, results] = [saved.slice(0, -keptCount), saved.slice(-keptCount)];
      const ofResults = (gradients as Tensor[]).slice(0, 1 + stateCount);
      const { reverse } = attrs as unknown as RecurrentAttributes;
      const ofInputs = backward([...results, ...ofResults, ...inputs], reverse);
      return Object.fromEntries(ofInputs.map((each, index) => [index, () => each]));
    },
  });
}

/**
 * Compiles a pass into a function of its own outside a trace. XLA runs such a loop four times as fast as grappler,
 * which runs it in builds of TensorFlow without XLA.
 */
function fused(pass: Pass): Pass {
  const withXla = compile(pass, { engine: 'xla' });
  const withGrappler = compile(pass, { engine: 'grappler' });
  let hasXla = true;
  return (tensors, reverse) => {
    if (hasXla) {
      try {
        return withXla(tensors, reverse);
      } catch (error) {
        if (!(error instanceof TensorFlowError)) throw error;
        hasXla = false;
      }
    }
    return withGrappler(tensors, reverse);
  };
}

function current(): TensorFlowBackend {
  return currentBackend() as TensorFlowBackend;
}
