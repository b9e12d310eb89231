import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { register, type Registration } from './register.ts';
import { Runtime } from './runtime.ts';
import { describeNative } from './testing.ts';

describeNative('devices', () => {
  let registration: Registration;

  beforeAll(async () => {
    registration = await register({ logicalCpuDevices: 3, visibleGpus: [] });
  });

  it('splits the CPU into logical devices', () => {
    expect(registration.backend.runtime.devices.map(({ name }) => name)).toEqual(
      [0, 1, 2].map((index) => `/job:localhost/replica:0/task:0/device:CPU:${index}`),
    );
  });

  it('places operations on the requested device, and copies inputs there', () => {
    const { backend } = registration;
    const deviceOf = (tensor: tf.Tensor) => backend.deviceOf(tensor).replace(/^.*device:/, '');
    const here = tf.add(tf.ones([2]), 1);
    const there = backend.withDevice('/device:CPU:2', () => tf.mul(here, 3));
    const back = tf.add(there, here);
    expect([here, there, back].map(deviceOf)).toEqual(['CPU:0', 'CPU:2', 'CPU:0']);
    expect(Array.from(back.dataSync())).toEqual([8, 8]);
  });

  it('returns to the previous device when the body throws', () => {
    const { backend } = registration;
    const fail = () =>
      backend.withDevice('/device:CPU:1', () => {
        throw new Error('body');
      });
    expect(fail).toThrow('body');
    expect(backend.deviceOf(tf.add(tf.ones([1]), 1))).toMatch(/CPU:0$/);
  });

  it('refuses a device that does not exist', () => {
    expect(() => registration.backend.withDevice('/device:CPU:9', () => tf.add(1, 2))).toThrow(
      'no device /device:CPU:9: there are /device:CPU:0, /device:CPU:1, /device:CPU:2',
    );
  });

  it('names a pluggable device whose library cannot be loaded', () => {
    expect(() => new Runtime({ pluggableDevices: ['/nowhere/libmetal_plugin.dylib'] })).toThrow(
      /loading \/nowhere\/libmetal_plugin\.dylib/,
    );
  });

  it('accepts limits of threads and of GPU memory', () => {
    const runtime = new Runtime({ intraOpThreads: 1, interOpThreads: 1, gpuMemoryLimitInMegabytes: 512 });
    expect(runtime.devices.length).toBeGreaterThan(0);
    runtime.close();
  });
});
