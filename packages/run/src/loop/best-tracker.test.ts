import { expect, it } from 'vitest';
import { BestTracker, bestSchema } from './best-tracker.ts';

/** Losses of validations in their order, with the step of each as its place. */
function observe(tracker: BestTracker, losses: readonly number[], firstStep = 1): boolean[] {
  return losses.map((loss, index) => tracker.observe({ loss }, firstStep + index));
}

it('takes the lowest loss as the best, whatever the threshold', () => {
  const tracker = new BestTracker({ patience: null, threshold: 0.1 }, undefined);
  expect(observe(tracker, [3, 2.95, 2.96, 2.8, 2.8])).toEqual([true, true, false, true, false]);
  expect(tracker.state).toMatchObject({ loss: 2.8, step: 4, metrics: { loss: 2.8 } });
  expect(tracker.metrics).toEqual({ loss: 2.8 });
});

it('counts decreases below the threshold as none for the patience, each against the last improvement', () => {
  const tracker = new BestTracker({ patience: 3, threshold: 0.1 }, undefined);
  // Each is lower than the one before by 0.04. The fourth is lower than the first by more than 0.1.
  expect(observe(tracker, [3, 2.96, 2.92, 2.88])).toEqual([true, true, true, true]);
  expect([tracker.state.validationsSince, tracker.patienceExhausted]).toEqual([0, false]);
  observe(tracker, [2.84, 2.8]);
  expect([tracker.state.validationsSince, tracker.patienceExhausted]).toEqual([2, false]);
  observe(tracker, [2.79], 7);
  expect([tracker.state.validationsSince, tracker.patienceExhausted]).toEqual([3, true]);
  expect(tracker.state).toMatchObject({ loss: 2.79, step: 7, improvedLoss: 2.88 });
});

it('goes on from its state as if there had been no break, and from one without the compared loss', () => {
  const losses = [3, 2.95, 2.93, 2.85, 2.84];
  const settings = { patience: 5, threshold: 0.1 };
  const whole = new BestTracker(settings, undefined);
  observe(whole, losses);
  for (let cut = 0; cut <= losses.length; cut++) {
    const first = new BestTracker(settings, undefined);
    observe(first, losses.slice(0, cut));
    const saved = bestSchema.parse(JSON.parse(JSON.stringify(first.state)));
    const second = new BestTracker(settings, saved);
    observe(second, losses.slice(cut), cut + 1);
    expect(second.state).toEqual(whole.state);
  }
  const older = bestSchema.parse({ loss: 2, step: 1, metrics: null, validationsSince: 1 });
  const tracker = new BestTracker(settings, older);
  expect(observe(tracker, [1.95], 2)).toEqual([true]);
  expect(tracker.state).toMatchObject({ loss: 1.95, improvedLoss: 2, validationsSince: 2 });
});
