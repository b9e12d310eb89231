import { UserError } from '@motley/core';
import type { TrainingStep } from '../step.ts';
import { convolutionalVae, denseVae } from './vae.ts';

/** What is timed, in the table's order. */
export const steps: readonly TrainingStep[] = [denseVae, convolutionalVae];

/** @throws UserError where there is no step of this name */
export function findStep(name: string): TrainingStep {
  const step = steps.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (step !== undefined) return step;
  throw new UserError(`expected a step (${steps.map((each) => each.name).join(', ')}), got ${name}`);
}
