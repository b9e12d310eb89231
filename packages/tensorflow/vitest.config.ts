import { baseWithOwnProcesses } from '../../vitest.base.ts';

// A process starts TensorFlow once, with its devices and threads.
export default baseWithOwnProcesses(['src/runtime.test.ts', 'src/threads.test.ts']);
