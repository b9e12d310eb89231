import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDefinition, FlagValue } from '../../config/config.ts';
import { UserError, shown } from '../../config/errors.ts';
import { suggestion } from '../../config/nearest.ts';
import { largest } from '../../statistics/extremes.ts';
import { readConfigFile } from '../run/config-file.ts';
import { describeData, isSame, readDataRecord, type DataRecord } from '../run/data-record.ts';
import { isCompletedRun } from '../run/run-folder.ts';
import { readSummary, summaryFileName } from '../run/summary.ts';
import { readTimes } from './study-file.ts';
import type { AnyStudy, AnyStudyRun, PlannedRun, PlannedStudy, StudyVariant } from './study.ts';

type AnyConfig = Record<string, unknown>;
type AnyVariant = StudyVariant<AnyConfig>;

const DEFAULT_SEEDS = 3;
const VARIANT_NAME = /^[a-z0-9.]+(-[a-z0-9.]+)*$/;

/** Inputs of the runs' configurations, besides their variants. */
export interface PlanSources {
  readonly config: ConfigDefinition;
  readonly fast: boolean | undefined;
  readonly set: readonly (string | FlagValue)[];
  /** Overrides the number of seeds of the study. */
  readonly seeds: number | undefined;
  /** Data that the missing runs are trained on. */
  readonly data: DataRecord;
}

/** Requested variants by study. All variants of a study where none is named. */
export function chooseStudies(
  studies: Readonly<Record<string, AnyStudy>>,
  names: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const chosen = new Map<string, Set<string>>();
  for (const name of names.length === 0 ? Object.keys(studies) : names) {
    const [studyName = '', variant] = name.split(/\/(.*)/s);
    const study = studies[studyName];
    if (study === undefined) throw unknownName('a study', name, Object.keys(studies));
    const variants = Object.keys(study.variants);
    if (variant !== undefined && !variants.includes(variant)) {
      const known = variants.map((each) => `${studyName}/${each}`);
      throw unknownName('a variant', name, known);
    }
    const own = chosen.get(studyName) ?? new Set();
    for (const each of variant === undefined ? variants : [variant]) own.add(each);
    chosen.set(studyName, own);
  }
  return chosen;
}

function unknownName(what: string, name: string, known: readonly string[]): UserError {
  return new UserError(`study: expected ${what} of ${known.join(', ')}, got ${shown(name)}${suggestion(name, known)}`);
}

/**
 * Plans the runs of a study, with the state found in its folder.
 * @throws UserError where a run's folder holds another configuration than the study's, or a run on other data
 */
export async function planStudy(
  place: Pick<PlannedStudy, 'name' | 'study' | 'folder'>,
  chosen: ReadonlySet<string>,
  sources: PlanSources,
): Promise<PlannedStudy> {
  const { name, study, folder } = place;
  const times = await readTimes(folder);
  const variants = Object.entries(study.variants);
  const runs: PlannedRun[] = [];
  for (let seed = 0; seed < largest(variants.map(([, each]) => seedsOf(study, each, sources))); seed++) {
    for (const [variant, each] of variants) {
      if (seed >= seedsOf(study, each, sources)) continue;
      const run = {
        name: `${variant}-seed-${seed}`,
        variant,
        seed,
        isChosen: chosen.has(variant),
        error: null,
        config: resolveVariant(name, variant, each, seed, sources),
      };
      const path = join(folder, run.name);
      await checkFound(path, run.config, sources);
      const isCompleted = await isCompletedRun(path);
      const wallTimeInSeconds = times.get(run.name) ?? (isCompleted ? await wallTimeOf(path) : null);
      runs.push({ ...run, status: isCompleted ? 'completed' : 'waiting', wallTimeInSeconds });
    }
  }
  return { ...place, runs };
}

function seedsOf(study: AnyStudy, variant: AnyVariant, { seeds }: PlanSources): number {
  return Math.min(seeds ?? study.seeds ?? DEFAULT_SEEDS, variant.seeds ?? Infinity);
}

function resolveVariant(
  study: string,
  name: string,
  { preset, config = {} }: AnyVariant,
  seed: number,
  sources: PlanSources,
): AnyConfig {
  if (!VARIANT_NAME.test(name)) throw new Error(`study ${study}: expected a kebab-case name, got ${shown(name)}`);
  return sources.config.resolve({
    preset,
    file: { name: `study ${study}, variant ${name}`, text: JSON.stringify(config) },
    fast: sources.fast,
    set: [...sources.set, { flag: `study ${study}`, path: 'training.seed', text: String(seed) }],
  });
}

/** Checks configuration and data of a run found in the folder. With others it would not belong to the study. */
async function checkFound(path: string, expected: AnyConfig, { config: definition, data }: PlanSources): Promise<void> {
  const configPath = join(path, 'config.json');
  if (!existsSync(configPath)) return;
  const file = await readConfigFile(configPath);
  // Fields added to the system since then take their defaults.
  const found = definition.resolve({ file });
  for (const { path: key } of definition.fields) {
    const [wanted, came] = [expected, found].map((record) => JSON.stringify(valueAt(record, key)));
    if (wanted === came) continue;
    throw new UserError(
      `${path}: expected a run of this study with ${key} ${wanted!}, found one with ${came!}; name another --out, or remove it`,
    );
  }
  const record = await readDataRecord(path);
  if (record === undefined || isSame(record, data)) return;
  throw new UserError(
    `${path}: expected a run of this study on the data ${describeData(data)}, found one on ${describeData(record)}; give its --data, name another --out, or remove it`,
  );
}

function valueAt(record: AnyConfig, path: string): unknown {
  return path.split('.').reduce<unknown>((node, key) => (node as AnyConfig)[key], record);
}

async function wallTimeOf(path: string): Promise<number> {
  return (await readSummary(path, summaryFileName('train'))).wallTimeInSeconds;
}

/**
 * Expected time of a run in seconds: from completed runs of the variant, else from the study, else from all completed
 * runs.
 * @returns undefined where none of these is known
 */
export function expectedSeconds({ study, runs }: PlannedStudy, { variant }: PlannedRun): number | undefined {
  const completed = runs.filter(({ status }) => status === 'completed');
  const own = completed.filter((each) => each.variant === variant);
  const { timeInMinutes } = study.variants[variant]!;
  return meanTime(own) ?? (timeInMinutes === undefined ? meanTime(completed) : 60 * timeInMinutes);
}

function meanTime(runs: readonly PlannedRun[]): number | undefined {
  if (runs.length === 0) return undefined;
  return runs.reduce((sum, { wallTimeInSeconds }) => sum + wallTimeInSeconds!, 0) / runs.length;
}

/** Completed runs, variant by variant. */
export async function completedRuns({ study, folder, runs }: PlannedStudy): Promise<AnyStudyRun[]> {
  const completed: AnyStudyRun[] = [];
  for (const name of Object.keys(study.variants))
    for (const { variant, seed, config, status, wallTimeInSeconds, name: runName } of runs) {
      if (variant !== name || status !== 'completed') continue;
      const path = join(folder, runName);
      const summary = await readSummary(path, summaryFileName('train'));
      completed.push({ variant, seed, path, config, summary, wallTimeInSeconds: wallTimeInSeconds! });
    }
  return completed;
}
