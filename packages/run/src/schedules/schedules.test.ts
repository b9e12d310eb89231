import { describe, expect, it } from 'vitest';
import { plateauSchedule } from './plateau-schedule.ts';
import reference from './reference.json' with { type: 'json' };
import {
  constantSchedule,
  cosineSchedule,
  inverseSquareRootSchedule,
  oneCycleSchedule,
  stepSchedule,
  type Schedule,
} from './schedules.ts';

const LEARNING_RATE = 0.1;
const WARMUP_STEPS = 4;
const TOTAL_STEPS = 12;

describe('schedules', () => {
  it.each([
    ['cosine', cosineSchedule({ learningRate: LEARNING_RATE, warmupSteps: WARMUP_STEPS, totalSteps: TOTAL_STEPS })],
    ['step', stepSchedule({ learningRate: LEARNING_RATE, everySteps: 3, factor: 0.5 })],
    ['oneCycle', oneCycleSchedule({ learningRate: LEARNING_RATE, totalSteps: TOTAL_STEPS })],
    ['inverseSquareRoot', inverseSquareRootSchedule({ learningRate: LEARNING_RATE, warmupSteps: WARMUP_STEPS })],
  ] as const)('%s goes as that of PyTorch', (name, schedule) => {
    expect(reference[name]).toHaveLength(TOTAL_STEPS);
    for (const [step, rate] of reference[name].entries()) expect(schedule(step)).toBeCloseTo(rate, 9);
  });

  it('plateau drops where that of PyTorch does, and continues from its state', () => {
    const { losses, rates } = reference.plateau;
    const make = (): Schedule =>
      plateauSchedule({ learningRate: LEARNING_RATE, factor: 0.5, patience: 2, finalFraction: 0.2 });
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

  it('plateau with factor 0 stops the training, and continues from its state', () => {
    const make = (): Schedule => plateauSchedule({ learningRate: LEARNING_RATE, factor: 0, patience: 0 });
    const [whole, resumed] = [make(), make()];
    for (const loss of [1, 1]) whole.following!.observe(loss);
    expect(whole(2)).toBe(0);
    resumed.following!.restore(JSON.parse(JSON.stringify(whole.following!.state)));
    expect(resumed(2)).toBe(0);
    for (const fraction of [-0.1, 1.1, null])
      expect(() => {
        resumed.following!.restore({ fraction, best: 1, validationsSinceBest: 0 });
      }).toThrow('training state: expected the state of a plateau schedule');
  });

  it('end at their lowest rate and stay there', () => {
    const schedule = cosineSchedule({ learningRate: 1, totalSteps: 10, finalFraction: 0.1 });
    expect(schedule(0)).toBe(1);
    expect(schedule(10)).toBeCloseTo(0.1, 12);
    expect(schedule(1000)).toBeCloseTo(0.1, 12);
    expect(constantSchedule(0.3)(99)).toBe(0.3);
    const cycle = oneCycleSchedule({ learningRate: LEARNING_RATE, totalSteps: 10 });
    expect(cycle(1000)).toBe(cycle(9));
  });

  it.each([
    ['constant', constantSchedule(LEARNING_RATE, 5)],
    ['cosine', cosineSchedule({ learningRate: LEARNING_RATE, warmupSteps: 5, totalSteps: 20 })],
    ['step', stepSchedule({ learningRate: LEARNING_RATE, warmupSteps: 5, everySteps: 3 })],
    ['inverseSquareRoot', inverseSquareRootSchedule({ learningRate: LEARNING_RATE, warmupSteps: 5 })],
    ['plateau', plateauSchedule({ learningRate: LEARNING_RATE, warmupSteps: 5 })],
  ])('%s rises linearly to its highest rate', (_, schedule) => {
    const rates = [1, 2, 3, 4, 5].map((part) => (LEARNING_RATE * part) / 5);
    for (const [step, rate] of rates.entries()) expect(schedule(step)).toBeCloseTo(rate, 12);
  });
});
