import { describe, expect, it } from 'vitest';
import { constantSchedule } from '../schedules/schedules.ts';
import type { Metrics } from './events.ts';
import { runTraining, type LoopSettings, type TrainingHooks } from './run-training.ts';
import { FakeLearner, numberedBatches, Recorder } from './testing.ts';

const trainFake = (learner: FakeLearner, settings: LoopSettings, hooks: Partial<TrainingHooks<number>>) =>
  runTraining(learner, settings, { batches: numberedBatches(10), schedule: constantSchedule(1), ...hooks });

describe('validation before the first update', () => {
  it('uses a few batches in evaluation mode, and logs nothing', async () => {
    const learner = new FakeLearner();
    const recorder = new Recorder();
    const limits: unknown[] = [];
    const validate: TrainingHooks<number>['validate'] = (limit) => {
      limits.push(limit);
      expect(learner.isEvaluating).toBe(true);
      return Promise.resolve({ loss: 1 });
    };
    await trainFake(learner, { epochs: 1, sanityBatches: 3 }, { validate, listeners: [recorder] });
    expect(limits).toEqual([{ maxBatches: 3 }, {}]);
    expect(recorder.records.filter(({ split }) => split === 'validation')).toHaveLength(1);
    limits.length = 0;
    const resume = recorder.checkpoints[0]!;
    await trainFake(learner, { epochs: 2, sanityBatches: 3 }, { validate, resume });
    await trainFake(learner, { epochs: 1, sanityBatches: 0 }, { validate });
    expect(limits).toEqual([{}, {}]);
  });

  it('reports an error before the first update', async () => {
    const learner = new FakeLearner();
    const fails = (metrics: Metrics) =>
      trainFake(learner, { epochs: 1, sanityBatches: 1 }, { validate: () => Promise.resolve(metrics) });
    await expect(fails({ loss: NaN })).rejects.toThrow(
      'validation before the first step: expected a finite loss, got NaN',
    );
    await expect(fails({ accuracy: 1 })).rejects.toThrow(
      'validation before the first step: expected a figure named "loss", got none',
    );
    expect(learner.calls).toEqual([]);
  });
});
