import { baseWithOwnProcesses } from '../../vitest.base.ts';

// It puts another module in the place of TensorFlow's, and a process chooses Vulkan's driver once.
export default baseWithOwnProcesses(['src/node/backend.test.ts']);
