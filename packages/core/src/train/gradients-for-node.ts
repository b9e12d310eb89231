// TensorFlow.js registers its gradients in one bundle only where it runs in Node.
import '@tensorflow/tfjs';
