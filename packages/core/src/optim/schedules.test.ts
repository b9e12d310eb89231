import { constantSchedule, cosineSchedule, plateauSchedule, type Schedule } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { defaultTrainingSettings, SCHEDULES, type TrainingSettings } from '../train/training-fields.ts';
import { createOptimizer, createSchedule } from './create.ts';
import reference from './reference.json' with { type: 'json' };

const settingsOf = (changed: Partial<TrainingSettings>): TrainingSettings => ({
  ...defaultTrainingSettings(),
  learningRate: 0.1,
  ...changed,
});
const expectRates = (schedule: Schedule, expected: readonly number[]): void => {
  for (const [step, rate] of expected.entries()) expect(schedule(step)).toBeCloseTo(rate, 9);
};

describe('schedules', () => {
  it.each([
    ['cosine', { warmupSteps: 4 }],
    ['step', { decayEverySteps: 3, decayFactor: 0.5 }],
    ['oneCycle', {}],
    ['inverseSquareRoot', { warmupSteps: 4 }],
  ] as const)('%s goes as that of PyTorch', (schedule, changed) => {
    expectRates(createSchedule(settingsOf({ schedule, ...changed }), 12), reference[schedule]);
  });

  it('plateau falls where that of PyTorch does, and goes on from its state', () => {
    const { losses, rates } = reference.plateau;
    const make = (): Schedule => plateauSchedule({ learningRate: 0.1, factor: 0.5, patience: 2, finalFraction: 0.2 });
    let schedule = make();
    for (const [index, loss] of losses.entries()) {
      expect(schedule(index)).toBeCloseTo(rates[index]!, 9);
      schedule.following!.observe(loss);
      const state: unknown = JSON.parse(JSON.stringify(schedule.following!.state));
      schedule = make();
      schedule.following!.restore(state);
    }
    expect(() => {
      schedule.following!.restore({ fraction: 0 });
    }).toThrow('training state: expected the state of a plateau schedule');
  });

  it('end at their lowest and stay there', () => {
    const schedule = cosineSchedule({ learningRate: 1, totalSteps: 10, finalFraction: 0.1 });
    expect(schedule(0)).toBe(1);
    expect(schedule(10)).toBeCloseTo(0.1, 12);
    expect(schedule(1000)).toBeCloseTo(0.1, 12);
    expect(constantSchedule(0.3)(99)).toBe(0.3);
    const cycle = createSchedule(settingsOf({ schedule: 'oneCycle' }), 10);
    expect(cycle(1000)).toBe(cycle(9));
  });

  it.each(SCHEDULES)('%s rises linearly to its highest rate', (schedule) => {
    const rates = createSchedule(settingsOf({ schedule, warmupSteps: 5 }), 20);
    const [first, last] = schedule === 'oneCycle' ? [0.1 / 25, 0.1] : [0.1 / 5, 0.1];
    expect(rates(0)).toBeCloseTo(first, 9);
    expect(rates(4)).toBeCloseTo(last, 9);
    for (let step = 1; step < 5; step++) expect(rates(step)).toBeGreaterThan(rates(step - 1));
  });
});

describe('createOptimizer', () => {
  it('refuses a weight decay that the optimiser would leave out', () => {
    expect(() => createOptimizer(settingsOf({ optimizer: 'adam', weightDecay: 0.1 }), new Map())).toThrow(
      'training.weightDecay: expected 0 with adam, got 0.1; adamw has one',
    );
  });
});
