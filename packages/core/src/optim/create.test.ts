import {
  constantSchedule,
  cosineSchedule,
  inverseSquareRootSchedule,
  largest,
  oneCycleSchedule,
  plateauSchedule,
  type Schedule,
  stepSchedule,
} from '@motley/run';
import { describe, expect, it } from 'vitest';
import { defaultTrainingSettings, type TrainingSettings } from '../train/training-fields.ts';
import { createOptimizer, createSchedule, SCHEDULES } from './create.ts';

const settingsOf = (changed: Partial<TrainingSettings>): TrainingSettings => ({
  ...defaultTrainingSettings(),
  learningRate: 0.1,
  ...changed,
});

describe('createSchedule', () => {
  const warmup = { learningRate: 0.1, warmupSteps: 4 };
  const steps = Array.from({ length: 14 }, (_, step) => step);
  it.each<[TrainingSettings['schedule'], Partial<TrainingSettings>, Schedule]>([
    ['constant', {}, constantSchedule(0.1, 4)],
    ['cosine', { finalLearningRateFraction: 0.2 }, cosineSchedule({ ...warmup, totalSteps: 12, finalFraction: 0.2 })],
    ['step', { decayEverySteps: 3, decayFactor: 0.5 }, stepSchedule({ ...warmup, everySteps: 3, factor: 0.5 })],
    ['inverseSquareRoot', {}, inverseSquareRootSchedule(warmup)],
    ['oneCycle', {}, oneCycleSchedule({ learningRate: 0.1, totalSteps: 12, risingPart: 4 / 12 })],
    ['oneCycle', { warmupSteps: 0 }, oneCycleSchedule({ learningRate: 0.1, totalSteps: 12 })],
  ])('makes the %s schedule of the settings %j', (schedule, changed, expected) => {
    const made = createSchedule(settingsOf({ schedule, warmupSteps: 4, ...changed }), 12);
    expect(steps.map(made)).toEqual(steps.map(expected));
  });

  it('creates the plateau schedule of the settings', () => {
    const settings = { plateauPatience: 1, decayFactor: 0.5, finalLearningRateFraction: 0.2 };
    const made = createSchedule(settingsOf({ schedule: 'plateau', ...settings }), 12);
    const expected = plateauSchedule({ learningRate: 0.1, factor: 0.5, patience: 1, finalFraction: 0.2 });
    for (const [step, loss] of [3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2].entries()) {
      for (const schedule of [made, expected]) schedule.following!.observe(loss);
      expect(made(step)).toBe(expected(step));
    }
    expect(made(12)).toBeCloseTo(0.02, 12);
  });

  it.each(SCHEDULES)('%s warms up linearly to its highest rate', (schedule) => {
    const rates = createSchedule(settingsOf({ schedule, warmupSteps: 5 }), 20);
    const [first, last] = schedule === 'oneCycle' ? [0.1 / 25, 0.1] : [0.1 / 5, 0.1];
    expect(rates(0)).toBeCloseTo(first, 9);
    expect(rates(4)).toBeCloseTo(last, 9);
    for (let step = 1; step < 5; step++) expect(rates(step)).toBeGreaterThan(rates(step - 1));
  });

  it.each(SCHEDULES)('%s reaches its highest rate in a run that is shorter than the warm-up', (schedule) => {
    const rates = createSchedule(settingsOf({ schedule, warmupSteps: 500 }), 40);
    expect(largest(Array.from({ length: 40 }, (_, step) => rates(step)))).toBeCloseTo(0.1, 9);
  });
});

describe('createOptimizer', () => {
  it('refuses a weight decay that the optimizer would ignore', () => {
    expect(() => createOptimizer(settingsOf({ optimizer: 'adam', weightDecay: 0.1 }), new Map())).toThrow(
      'training.weightDecay: expected 0 with adam, got 0.1; adamw has one',
    );
  });
});
