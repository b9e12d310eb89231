import { describe, expect, it } from 'vitest';
import { UserError } from '../config/errors.ts';
import { planTraining } from './plan.ts';

describe('planTraining', () => {
  const plan = (settings: Parameters<typeof planTraining>[0]) => planTraining(settings, { batchesPerEpoch: 10 });

  it('counts updates and epochs', () => {
    expect(plan({ epochs: 3 })).toEqual({ batchesPerEpoch: 10, totalSteps: 30, totalEpochs: 3 });
    expect(plan({ epochs: 3, steps: 11 })).toEqual({ batchesPerEpoch: 10, totalSteps: 11, totalEpochs: 2 });
    expect(plan({ epochs: 3, accumulationSteps: 4 })).toEqual({ batchesPerEpoch: 10, totalSteps: 9, totalEpochs: 3 });
    expect(plan({ epochs: 2, accumulationSteps: 4, stepsPerEpoch: 2 })).toEqual({
      batchesPerEpoch: 8,
      totalSteps: 4,
      totalEpochs: 2,
    });
  });

  it('refuses more updates per epoch than the data have batches for', () => {
    expect(() => plan({ epochs: 1, stepsPerEpoch: 11 })).toThrow(UserError);
    expect(() => plan({ epochs: 1, stepsPerEpoch: 11 })).toThrow(
      'training.stepsPerEpoch: expected at most the 10 of the data, got 11',
    );
    expect(() => plan({ epochs: 1, stepsPerEpoch: 3, accumulationSteps: 4 })).toThrow(
      'training.stepsPerEpoch: expected at most the 2 of the data, got 3',
    );
  });
});
