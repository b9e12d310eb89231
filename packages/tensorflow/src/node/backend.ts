import { findBackend, getBackend } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';

/** The backend that `register` started. @throws Error where another one computes */
export function nativeBackend(): TensorFlowBackend {
  if (getBackend() !== 'tensorflow') throw new Error(`tf.node runs on the backend tensorflow, not on ${getBackend()}`);
  return findBackend('tensorflow') as TensorFlowBackend;
}
