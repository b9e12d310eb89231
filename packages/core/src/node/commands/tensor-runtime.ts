import type { Runtime } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { Option } from 'commander';
import { decodeTensors } from '../../checkpoint/tensors.ts';
import { BACKEND_CHOICES, chooseBackend, type BackendChoice } from '../backend.ts';
import { stepCompiler } from '../compile.ts';
import type { TensorTypes } from './program.ts';

/** Runtime of tensors, on the backend that `--backend` names. */
export const tensorRuntime: Runtime<TensorTypes> = {
  addOptions(command, isTraining) {
    command
      .addOption(new Option('--backend <name>', 'backend to compute on').choices(BACKEND_CHOICES).default('auto'))
      .option('--no-compile', 'run the step uncompiled: slower, easier to debug');
    if (!isTraining) return;
    command.addOption(
      new Option('--precision <type>', 'number format that training computes in')
        .choices(['float32', 'bfloat16'])
        .default('float32'),
    );
  },
  async start({ backend, compile = true, precision = 'float32' }) {
    const report = await chooseBackend(backend as BackendChoice);
    return { report, compile: await stepCompiler(report, { compile, precision }) };
  },
  decode: decodeTensors,
  release(weights) {
    tf.dispose(weights);
  },
};
