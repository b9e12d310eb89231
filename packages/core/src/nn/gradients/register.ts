// The gradients of TensorFlow.js load first, so that those registered here replace them.
import '#gradients';
import * as tf from '@tensorflow/tfjs-core';
import { averagePoolingGradient } from './average-pooling.ts';
import { broadcastingGradients } from './broadcasting.ts';
import { comparisonGradients } from './comparisons.ts';
import { cumulativeGradients } from './cumulative.ts';
import { convolutionGradients } from './dilated-convolution.ts';
import { einsumGradient } from './einsum.ts';
import { rearrangementGradients } from './rearrangements.ts';
import { resizingGradients } from './resizing.ts';
import { selectionGradient } from './selection.ts';
import { subgradients } from './subgradients.ts';
import { topKGradient } from './top-k.ts';

const gradients = [
  ...broadcastingGradients,
  ...comparisonGradients,
  ...convolutionGradients,
  ...cumulativeGradients,
  ...rearrangementGradients,
  ...resizingGradients,
  ...subgradients,
  averagePoolingGradient,
  einsumGradient,
  selectionGradient,
  topKGradient,
];
for (const gradient of gradients) tf.registerGradient(gradient);
