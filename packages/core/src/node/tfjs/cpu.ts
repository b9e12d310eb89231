/** Registers TensorFlow.js's backend in JavaScript. `build.ts` bundles it, as its package is large. */
import '@tensorflow/tfjs-backend-cpu';
