/**
 * Registers the gradients and the chained operations (`x.add(y)`) of TensorFlow.js. In the workspace TensorFlow.js does
 * it itself; `build.ts` bundles its modules for the published package, which does not bring it.
 */
import '@tensorflow/tfjs';
