import { basename, join, resolve } from 'node:path';
import { decodeSafetensors, shown, UserError } from '@motley/run';
import { readJson, readUserFile } from '@motley/run/node';

const MAX_POINTER_BYTES = 100;
const MAX_STATE_BYTES = 64 * 2 ** 20;
const MAX_WEIGHTS_BYTES = 2 ** 31 - 1;

/** Parts of a run's folder that an exported site needs. */
export interface TriedRun {
  readonly path: string;
  readonly name: string;
  readonly system: string;
  readonly config: unknown;
  /** Path of the best weights; of the last ones where none is the best. */
  readonly weights: string;
}

/**
 * Reads what a demo needs of a run's folder, and checks the weights.
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readTriedRun(folder: string): Promise<TriedRun> {
  const path = resolve(folder);
  const config = await readJson(join(path, 'config.json'), 'the configuration of a run');
  const checkpoints = join(path, 'checkpoints');
  const step = await readPointer(join(checkpoints, 'best')).catch(() => readPointer(join(checkpoints, 'last')));
  const statePath = join(checkpoints, `step-${step}.state.json`);
  const state = (await readJson(statePath, 'a checkpoint', MAX_STATE_BYTES)) as { readonly system?: unknown } | null;
  if (typeof state?.system !== 'string')
    throw new UserError(`${statePath}: expected the system of the checkpoint, found ${shown(state?.system)}`);
  const weights = join(checkpoints, `step-${step}.safetensors`);
  decodeSafetensors(await readUserFile(weights, 'a safetensors file', MAX_WEIGHTS_BYTES), weights);
  return { path, name: basename(path), system: state.system, config, weights };
}

async function readPointer(path: string): Promise<number> {
  const text = new TextDecoder().decode(await readUserFile(path, 'the name of a checkpoint', MAX_POINTER_BYTES));
  const step = /^step-(\d{1,15})\s*$/.exec(text)?.[1];
  if (step === undefined) throw new UserError(`${path}: expected step-N, found ${shown(text)}`);
  return Number(step);
}
