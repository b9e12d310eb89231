/** Computes on native TensorFlow, with gradients. It prints the backend, a version and a gradient. */
export const TENSORFLOW = `
import * as tf from '@tensorflow/tfjs-core';
import { register } from '@motley/tensorflow';
import { node } from '@motley/tensorflow/node';
const { version } = await register();
const gradient = tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2, 3])).add(1);
const image = await node.encodePng(tf.zeros([2, 2, 3], 'int32'));
console.log(JSON.stringify({ backend: tf.getBackend(), version, gradient: gradient.arraySync(), bytes: image.length > 60 }));
`;

/** Computes on WebAssembly, with gradients. It prints the backend and a gradient. */
export const CORE = `
import * as tf from '@tensorflow/tfjs-core';
import '@motley/core';
import { chooseBackend } from '@motley/core/node';
const { backend } = await chooseBackend('wasm');
const gradient = tf.grad((x) => tf.sum(tf.square(tf.matMul(x, x))))(tf.ones([2, 2]));
console.log(JSON.stringify({ backend, gradient: Array.from(gradient.dataSync()) }));
`;
