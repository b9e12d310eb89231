import { z } from 'zod';

/** The fields of a training on classes, to spread beside `trainingFields`: they are what `weightedCrossEntropy` takes. */
export function classificationFields() {
  return {
    labelSmoothing: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('targets as they are; 0.1 keeps large networks from being too sure'),
    classWeights: z
      .enum(['equal', 'balanced'])
      .default('equal')
      .describe('each example counts once; balanced: each class counts as much as the others'),
  };
}
