import { mergeConfig } from 'vitest/config';
import base from '../../vitest.base.ts';

// Vulkan's driver is chosen once a process.
const OWN_PROCESS = ['src/node/backend.test.ts'];

export default mergeConfig(base, {
  test: {
    projects: [
      { extends: true, test: { name: 'core', exclude: OWN_PROCESS } },
      { extends: true, test: { name: 'drivers', include: OWN_PROCESS, isolate: true } },
    ],
  },
});
