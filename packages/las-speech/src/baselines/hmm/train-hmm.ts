import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dictionary } from './dictionary.ts';
import { runTool, type HmmTools } from './tools.ts';
import { EXPERIMENT, FEATURE_OPTIONS, type HmmSettings, type NamedText, trainingFiles } from './training-files.ts';

/** An utterance of any corpus: samples at 16 kHz from -1 to 1, read when they are needed. */
export interface SpokenText extends NamedText {
  readonly samples: () => Float32Array;
}

export interface HmmWork {
  readonly tools: HmmTools;
  /** Folder for the trainer's files, about 11 kB for each second of speech. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** Told what begins. */
  readonly report?: (stage: string) => void;
}

/** Utterances whose sound is on the disk at once. */
const CHUNK = 500;
/** Silence before and after an utterance, which the model of silence is for. */
const PADDING_IN_SAMPLES = 1600;

/** The trainer's stages: models of sounds alone, of sounds in context, trees that tie their states, and tied ones. */
const STAGES = {
  alone: ['20.ci_hmm/slave_convg.pl', '30.cd_hmm_untied/slave_convg.pl', '40.buildtrees/slave.treebuilder.pl'],
  tied: ['45.prunetree/slave.state-tying.pl', '50.cd_hmm_tied/slave_convg.pl'],
} as const;

/** Computes the cepstra of utterances, which trainer and decoder read: `feat/ID.mfc`. */
export async function computeFeatures(utterances: readonly SpokenText[], work: HmmWork): Promise<void> {
  work.report?.(`cepstra of ${utterances.length} utterances`);
  const [sounds, features, logs] = ['sound', 'feat', 'logs'].map((name) => join(work.folder, name));
  for (const each of [features!, logs!]) await mkdir(each, { recursive: true });
  for (let start = 0; start < utterances.length; start += CHUNK) {
    const chunk = utterances.slice(start, start + CHUNK);
    await mkdir(sounds!, { recursive: true });
    for (const { id, samples } of chunk) await writeFile(join(sounds!, `${id}.raw`), rawSound(samples()));
    const list = join(sounds!, 'list');
    await writeFile(list, chunk.map(({ id }) => `${id}\n`).join(''));
    const places = ['-c', list, '-di', sounds!, '-ei', 'raw', '-do', features!, '-eo', 'mfc', '-raw', 'yes'];
    // What the normalization and the decoder do is no matter of cepstra.
    const cepstra = FEATURE_OPTIONS.filter(([name]) => !['-feat', '-agc', '-cmn', '-varnorm'].includes(name)).flat();
    // Noise of one bit: digital silence has no logarithm.
    const noise = ['-dither', 'yes', '-seed', '1', '-samprate', '16000', '-ncep', '13'];
    await runTool(work.tools.features, [...places, ...cepstra, ...noise], {
      ...work,
      log: join(logs!, `cepstra-${start}.log`),
    });
    await rm(sounds!, { recursive: true });
  }
}

/** 16-bit samples, little-endian, with silence around them. */
function rawSound(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(2 * (samples.length + 2 * PADDING_IN_SAMPLES));
  const view = new DataView(bytes.buffer);
  for (const [index, sample] of samples.entries()) {
    const value = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
    view.setInt16(2 * (index + PADDING_IN_SAMPLES), value, true);
  }
  return bytes;
}

/**
 * Trains models of sounds in context with Gaussian mixtures, by sphinxtrain, on utterances whose cepstra are there.
 * @returns folders of the models, by number of Gaussians: 1, 2, 4, … up to that of the settings
 * @throws Error where a stage fails, with what it said
 */
export async function trainHmm(
  texts: readonly NamedText[],
  dictionary: Dictionary,
  settings: HmmSettings,
  work: HmmWork,
): Promise<Map<number, string>> {
  await writeTrainingFiles(texts, dictionary, settings, work);
  await runStages(STAGES.alone, work);
  return trainTied(texts, dictionary, settings, work);
}

/** Trains anew from the tying of states, after `trainHmm` with another number of senones. */
export async function trainTied(
  texts: readonly NamedText[],
  dictionary: Dictionary,
  settings: HmmSettings,
  work: HmmWork,
): Promise<Map<number, string>> {
  await writeTrainingFiles(texts, dictionary, settings, work);
  await runStages(STAGES.tied, work);
  const complete = join(work.folder, 'model_parameters', `${EXPERIMENT}.cd_cont_${settings.senones}`);
  const models = new Map<number, string>();
  for (let gaussians = 1; gaussians <= settings.gaussians; gaussians *= 2) {
    const folder = gaussians === settings.gaussians ? complete : `${complete}_${gaussians}`;
    if (!existsSync(join(folder, 'means')))
      throw new Error(`hmm: expected the trainer to write ${folder}; its logs are in ${join(work.folder, 'logdir')}`);
    // The trainer gives them to the last model alone; they are the same for all.
    if (folder !== complete)
      for (const name of ['mdef', 'feat.params', 'noisedict']) await copyFile(join(complete, name), join(folder, name));
    models.set(gaussians, folder);
  }
  return models;
}

async function writeTrainingFiles(
  texts: readonly NamedText[],
  dictionary: Dictionary,
  settings: HmmSettings,
  work: HmmWork,
): Promise<void> {
  const files = trainingFiles(texts, dictionary, settings, work.folder, work.tools.paths);
  for (const [name, content] of Object.entries(files)) {
    const path = join(work.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

async function runStages(stages: readonly string[], work: HmmWork): Promise<void> {
  // The trainer makes no folders in folders that are missing.
  for (const name of ['logs', 'logdir']) await mkdir(join(work.folder, name), { recursive: true });
  for (const stage of stages) {
    work.report?.(stage.slice(0, stage.indexOf('/')));
    const script = join(work.tools.paths.scripts, stage);
    const log = join(work.folder, 'logs', `${dirname(stage)}.log`);
    await runTool(work.tools.perl, [script], { ...work, log });
  }
}
