import { UserError } from '@motley/run';
import type { TrainingStep } from '../step.ts';
import { branchings } from './branching-cnn.ts';
import { charRnn } from './char-rnn.ts';
import { characterLstm } from './character-lstm.ts';
import { cnn } from './cnn.ts';
import { convnext } from './convnext.ts';
import { detection } from './detection.ts';
import { forecast } from './forecast.ts';
import { las } from './las.ts';
import { lstms } from './lstm.ts';
import { mlp } from './mlp.ts';
import { pyramidalBlstm } from './pyramidal-blstm.ts';
import { resnets } from './resnet.ts';
import { sentenceCnn } from './sentence-cnn.ts';
import { shapesCnn } from './shapes-cnn.ts';
import { tableEnsemble } from './table.ts';
import { transformer } from './transformer.ts';
import { translation } from './translation.ts';
import { convolutionalVae, denseVae, importanceWeightedVae, mixtureVae, neighborVae } from './vae.ts';

/** Training steps, in the order of the table. */
export const steps: readonly TrainingStep[] = [
  denseVae,
  convolutionalVae,
  importanceWeightedVae,
  mixtureVae,
  neighborVae,
  cnn,
  ...resnets,
  convnext,
  detection,
  ...branchings,
  shapesCnn,
  mlp,
  tableEnsemble,
  sentenceCnn,
  transformer,
  translation,
  ...lstms,
  forecast,
  characterLstm,
  charRnn,
  pyramidalBlstm,
  las,
];

/** @throws UserError if no step has this name */
export function findStep(name: string): TrainingStep {
  const step = steps.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (step !== undefined) return step;
  throw new UserError(`expected a step (${steps.map((each) => each.name).join(', ')}), got ${name}`);
}
