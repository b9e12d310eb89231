import { z } from 'zod';

/** Settings fields of classification, to spread beside `trainingFields`. `weightedCrossEntropy` takes them. */
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
