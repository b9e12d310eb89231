import { defineConfig } from '@motley/run';
import { z } from 'zod';

/** Configuration of a small system that tests launch. */
export const config = defineConfig(
  z.strictObject({
    note: z.string().default('').describe('a text that reaches the system as it was given'),
    training: z.strictObject({
      epochs: z.int().min(1).default(5).describe('enough for a test'),
      pauseInMs: z.number().min(0).nullable().default(null).describe('null: as fast as it can'),
      learningRate: z.number().positive().default(0.1).describe('stable for inputs up to 1'),
      seed: z.int().min(0).default(0).describe('any'),
    }),
  }),
  {
    presets: {
      long: { description: 'goes on until it is stopped', config: { training: { epochs: 100_000, pauseInMs: 20 } } },
    },
    fast: { training: { epochs: 1 } },
  },
);
