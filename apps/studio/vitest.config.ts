import { mergeConfig } from 'vitest/config';
import base from '../../vitest.base.ts';

// A browser, builds of the page and real trainings: a busy machine takes minutes for them.
export default mergeConfig(base, { test: { testTimeout: 180_000, hookTimeout: 180_000 } });
