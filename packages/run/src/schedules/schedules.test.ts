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

const learningRate = 0.1;
const warmupSteps = 4;
const totalSteps = 12;

describe('schedules', () => {
  it.each([
    ['cosine', cosineSchedule({ learningRate, warmupSteps, totalSteps })],
    ['step', stepSchedule({ learningRate, everySteps: 3, factor: 0.5 })],
    ['oneCycle', oneCycleSchedule({ learningRate, totalSteps })],
    ['inverseSquareRoot', inverseSquareRootSchedule({ learningRate, warmupSteps })],
  ] as const)('%s goes as that of PyTorch', (name, schedule) => {
    expect(reference[name]).toHaveLength(totalSteps);
    for (const [step, rate] of reference[name].entries()) expect(schedule(step)).toBeCloseTo(rate, 9);
  });

  it('plateau drops where that of PyTorch does, and continues from its state', () => {
    const { losses, rates } = reference.plateau;
    const make = (): Schedule => plateauSchedule({ learningRate, factor: 0.5, patience: 2, finalFraction: 0.2 });
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

  it('end at their lowest rate and stay there', () => {
    const schedule = cosineSchedule({ learningRate: 1, totalSteps: 10, finalFraction: 0.1 });
    expect(schedule(0)).toBe(1);
    expect(schedule(10)).toBeCloseTo(0.1, 12);
    expect(schedule(1000)).toBeCloseTo(0.1, 12);
    expect(constantSchedule(0.3)(99)).toBe(0.3);
    const cycle = oneCycleSchedule({ learningRate, totalSteps: 10 });
    expect(cycle(1000)).toBe(cycle(9));
  });

  it.each([
    ['constant', constantSchedule(learningRate, 5)],
    ['cosine', cosineSchedule({ learningRate, warmupSteps: 5, totalSteps: 20 })],
    ['step', stepSchedule({ learningRate, warmupSteps: 5, everySteps: 3 })],
    ['inverseSquareRoot', inverseSquareRootSchedule({ learningRate, warmupSteps: 5 })],
    ['plateau', plateauSchedule({ learningRate, warmupSteps: 5 })],
  ])('%s rises linearly to its highest rate', (_, schedule) => {
    const rates = [1, 2, 3, 4, 5].map((part) => (learningRate * part) / 5);
    for (const [step, rate] of rates.entries()) expect(schedule(step)).toBeCloseTo(rate, 12);
  });
});
