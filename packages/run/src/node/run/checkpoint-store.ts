import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, withMetadata } from '../../checkpoint/safetensors.ts';
import { UserError, shown } from '../../config/errors.ts';
import type { Checkpoint } from '../../loop/events.ts';
import { StorageError, readJson, readUserFile, readUserText, writeFileAtomically, writing } from '../files.ts';

/** Checkpoint as loaded. */
export interface LoadedCheckpoint extends Omit<Checkpoint, 'isBest'> {
  /** Step of the best checkpoint at the time this one was saved. */
  readonly bestStep: number | null;
}

/** `last`, `best`, or a step. */
export type CheckpointName = 'last' | 'best' | number;

/** Contents of `step-N.state.json`. It is written last, so a step with this file is complete. */
interface StateFile {
  readonly format: typeof FORMAT;
  readonly system: string;
  readonly step: number;
  readonly epoch: number;
  readonly bestStep?: number | null;
  readonly state: unknown;
}

const FORMAT = 'motley-checkpoint-1';
const MAX_STATE_BYTES = 64 * 2 ** 20;
const MAX_TENSOR_BYTES = 2 ** 31 - 1;

/** Folder `checkpoints/` of a run: files `step-N.*`, and `last` and `best`, which contain a step. */
export class CheckpointStore {
  readonly #folder: string;
  readonly #system: string;
  readonly #keepEverySteps: number | null;
  #bestStep: number | null = null;

  /** @param keepEverySteps N keeps the first checkpoint in every N steps, besides the best and the two newest */
  constructor(folder: string, system: string, keepEverySteps: number | null = null) {
    this.#folder = folder;
    this.#system = system;
    this.#keepEverySteps = keepEverySteps;
  }

  /**
   * Writes a checkpoint, points `last` (and `best`) at it, then removes those no longer kept.
   * @throws StorageError where it cannot be written; earlier checkpoints are unchanged
   */
  async save({ step, epoch, weights, optimizer, state, isBest }: Checkpoint): Promise<void> {
    const metadata = { format: 'pt', system: this.#system, step: String(step) };
    const bestStep = isBest ? step : this.#bestStep;
    const stateFile: StateFile = { format: FORMAT, system: this.#system, step, epoch, bestStep, state };
    try {
      await writeFileAtomically(this.#path(step, 'safetensors'), withMetadata(weights, metadata));
      await writeFileAtomically(this.#path(step, 'optimizer.safetensors'), withMetadata(optimizer, metadata));
      await writeFileAtomically(this.#path(step, 'state.json'), `${JSON.stringify(stateFile)}\n`);
    } catch (error) {
      if (error instanceof StorageError) await this.#removeUnlessWhole(step);
      throw error;
    }
    // `best` first. If the process ends between the two, the checkpoint to resume from still knows its own best.
    if (bestStep !== null) await this.#point('best', bestStep);
    await this.#point('last', step);
    this.#bestStep = bestStep;
    await this.#prune(step);
  }

  /** Restores which checkpoint is the best. Call it before the first `save` of a resumed training. */
  continueFrom({ bestStep }: Pick<LoadedCheckpoint, 'bestStep'>): void {
    this.#bestStep = bestStep;
  }

  /**
   * Loads a checkpoint.
   * @throws UserError naming the file, what was expected and what was found
   */
  async load(name: CheckpointName): Promise<LoadedCheckpoint> {
    const step = typeof name === 'number' ? name : await this.#readPointer(name);
    try {
      return await this.#load(step);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const others = (await this.#steps()).filter((other) => other !== step);
      if (others.length === 0) throw error;
      throw new UserError(`${error.message}; there are others: --checkpoint ${others.join(' or ')}`, { cause: error });
    }
  }

  async #load(step: number): Promise<LoadedCheckpoint> {
    const path = this.#path(step, 'state.json');
    const file = await readJson(path, 'a checkpoint', MAX_STATE_BYTES);
    const { epoch, state, bestStep = null } = this.#checkState(file, step, path);
    const weights = await this.#read(step, 'safetensors');
    const optimizer = await this.#read(step, 'optimizer.safetensors');
    return { step, epoch, state, bestStep, weights, optimizer };
  }

  /** Whether a checkpoint exists. */
  async has(name: CheckpointName): Promise<boolean> {
    return (await this.#fileNames()).includes(typeof name === 'number' ? `step-${name}.state.json` : name);
  }

  #point(name: 'last' | 'best', step: number): Promise<void> {
    return writeFileAtomically(join(this.#folder, name), `step-${step}\n`);
  }

  /** Steps with a complete checkpoint, ascending. */
  async #steps(): Promise<number[]> {
    const steps = (await this.#fileNames()).flatMap((name) => /^step-(\d+)\.state\.json$/.exec(name)?.[1] ?? []);
    return steps.map(Number).sort((a, b) => a - b);
  }

  #path(step: number, extension: string): string {
    return join(this.#folder, `step-${step}.${extension}`);
  }

  /** @throws UserError where the file is damaged */
  async #read(step: number, extension: string): Promise<Uint8Array> {
    const path = this.#path(step, extension);
    const bytes = await readUserFile(path, 'a safetensors file', MAX_TENSOR_BYTES);
    decodeSafetensors(bytes, path);
    return bytes;
  }

  async #readPointer(name: 'last' | 'best'): Promise<number> {
    const path = join(this.#folder, name);
    const text = await readUserText(path, 'the name of a checkpoint', 100);
    const step = /^step-(\d{1,15})\s*$/.exec(text)?.[1];
    if (step === undefined) throw new UserError(`${path}: expected step-N, found ${shown(text)}`);
    return Number(step);
  }

  #checkState(json: unknown, step: number, path: string): StateFile {
    const file = json as Partial<StateFile> | null;
    if (file?.format !== FORMAT)
      throw new UserError(`${path}: expected format ${FORMAT}, found ${shown(file?.format)}`);
    if (file.system !== this.#system) {
      throw new UserError(`${path}: expected a checkpoint of ${this.#system}, found one of ${shown(file.system)}`);
    }
    if (file.step !== step || !Number.isSafeInteger(file.epoch)) {
      throw new UserError(
        `${path}: expected step ${step} and an epoch, found ${shown(file.step)} and ${shown(file.epoch)}`,
      );
    }
    return file as StateFile;
  }

  async #fileNames(): Promise<string[]> {
    return readdir(this.#folder).catch(() => []);
  }

  /** Removes the files of a failed save, unless the step had been saved before. */
  async #removeUnlessWhole(step: number): Promise<void> {
    if (!(await this.#fileNames()).includes(`step-${step}.state.json`)) await this.#remove(step);
  }

  async #prune(lastStep: number): Promise<void> {
    const names = await this.#fileNames();
    const saved = names.flatMap(
      (name) => /^step-(\d+)\.(?:state\.json|(?:optimizer\.)?safetensors)$/.exec(name)?.[1] ?? [],
    );
    const steps = [...new Set(saved.map(Number))].sort((a, b) => a - b);
    const whole = await this.#steps();
    // If the last one is damaged, the one before it remains.
    const kept = new Set([lastStep, this.#bestStep, whole.findLast((step) => step < lastStep)]);
    const periodOf = (step: number): number => Math.floor(step / (this.#keepEverySteps ?? Infinity));
    const isFirst = (step: number, index: number): boolean =>
      step < lastStep && periodOf(step) > periodOf(steps[index - 1] ?? 0);
    for (const [index, step] of steps.entries()) if (!kept.has(step) && !isFirst(step, index)) await this.#remove(step);
    // Temporary files left by a killed process.
    for (const name of names) if (name.endsWith('.tmp')) await rm(join(this.#folder, name), { force: true });
  }

  /** Removes a checkpoint, state file first: a step without it does not count. */
  async #remove(step: number): Promise<void> {
    for (const extension of ['state.json', 'optimizer.safetensors', 'safetensors']) {
      await writing(this.#folder, () => rm(this.#path(step, extension), { force: true }));
    }
  }
}
