// TensorFlow.js's own come first: what is registered here takes their place.
import '#gradients';
import * as tf from '@tensorflow/tfjs-core';
import { convolutionGradients } from './dilated-convolution.ts';
import { einsumGradient } from './einsum.ts';
import { topKGradient } from './top-k.ts';

for (const gradient of [...convolutionGradients, einsumGradient, topKGradient]) tf.registerGradient(gradient);
