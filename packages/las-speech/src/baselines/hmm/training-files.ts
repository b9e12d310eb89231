import { type Dictionary, SILENCE } from './dictionary.ts';

/** Name of the experiment, which is in the names of its files. */
export const EXPERIMENT = 'hmm';

/** A transcript, and the name of its file. */
export interface NamedText {
  /** Letters, digits and `-`. */
  readonly id: string;
  readonly text: string;
}

export interface HmmSettings {
  /** Distributions that the states of all sounds in context share. */
  readonly senones: number;
  /** Gaussians of each distribution, a power of two. */
  readonly gaussians: number;
  /** Processes that each pass over the data is split among. */
  readonly processes: number;
}

/** Where sphinxtrain is. */
export interface TrainerPaths {
  /** Folder of its Perl scripts. */
  readonly scripts: string;
  /** Folder of its programs. */
  readonly programs: string;
}

/**
 * Cepstra of sphinxtrain's template for 16 kHz, as its programs' options. They stand in `feat.params`, from where the
 * decoder takes them too.
 */
export const FEATURE_OPTIONS: readonly (readonly [option: string, value: string])[] = [
  ['-lowerf', '130'],
  ['-upperf', '6800'],
  ['-nfilt', '25'],
  ['-transform', 'dct'],
  ['-lifter', '22'],
  ['-feat', '1s_c_d_dd'],
  ['-agc', 'none'],
  ['-cmn', 'batch'],
  ['-varnorm', 'no'],
];

/**
 * All files that sphinxtrain wants, but for the cepstra: content by path in the folder.
 * @param texts with words of the dictionary alone
 */
export function trainingFiles(
  texts: readonly NamedText[],
  dictionary: Dictionary,
  settings: HmmSettings,
  folder: string,
  paths: TrainerPaths,
): Record<string, string> {
  const sounds = new Set([SILENCE]);
  for (const phones of dictionary.values()) for (const phone of phones) sounds.add(phone);
  return {
    [`etc/${EXPERIMENT}.dic`]: dictionaryFile(dictionary),
    [`etc/${EXPERIMENT}.filler`]: lines(['<s>', '</s>', '<sil>'].map((word) => `${word} ${SILENCE}`)),
    [`etc/${EXPERIMENT}.phone`]: lines([...sounds].sort()),
    [`etc/${EXPERIMENT}_train.fileids`]: lines(texts.map(({ id }) => id)),
    [`etc/${EXPERIMENT}_train.transcription`]: lines(texts.map(({ id, text }) => `<s> ${text} </s> (${id})`)),
    'etc/feat.params': lines(FEATURE_OPTIONS.map((option) => option.join(' '))),
    'etc/sphinx_train.cfg': configuration(settings, folder, paths),
  };
}

/** A word and its sounds a line. */
function dictionaryFile(dictionary: Dictionary): string {
  return lines(Array.from(dictionary, ([word, phones]) => `${word} ${phones.join(' ')}`));
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

/** The trainer's settings, which it runs as Perl: values are constants in quotes. */
function configuration(settings: HmmSettings, folder: string, { scripts, programs }: TrainerPaths): string {
  const architecture = `${folder}/model_architecture`;
  const values: Record<string, string | number> = {
    CFG_VERBOSE: 1,
    CFG_DB_NAME: EXPERIMENT,
    CFG_EXPTNAME: EXPERIMENT,
    CFG_BASE_DIR: folder,
    CFG_SPHINXTRAIN_DIR: scripts.replace(/\/scripts$/u, ''),
    CFG_BIN_DIR: programs,
    CFG_SCRIPT_DIR: scripts,
    CFG_FEATFILES_DIR: `${folder}/feat`,
    CFG_FEATFILE_EXTENSION: 'mfc',
    CFG_VECTOR_LENGTH: 13,
    CFG_MIN_ITERATIONS: 1,
    CFG_MAX_ITERATIONS: 10,
    CFG_CONVERGENCE_RATIO: 0.1,
    CFG_AGC: 'none',
    CFG_CMN: 'batch',
    CFG_VARNORM: 'no',
    CFG_FULLVAR: 'no',
    CFG_DIAGFULL: 'no',
    CFG_VTLN: 'no',
    CFG_QMGR_DIR: `${folder}/qmanager`,
    CFG_LOG_DIR: `${folder}/logdir`,
    CFG_BWACCUM_DIR: `${folder}/bwaccumdir`,
    CFG_MODEL_DIR: `${folder}/model_parameters`,
    CFG_LIST_DIR: `${folder}/etc`,
    CFG_DICTIONARY: `${folder}/etc/${EXPERIMENT}.dic`,
    CFG_RAWPHONEFILE: `${folder}/etc/${EXPERIMENT}.phone`,
    CFG_FILLERDICT: `${folder}/etc/${EXPERIMENT}.filler`,
    CFG_LISTOFFILES: `${folder}/etc/${EXPERIMENT}_train.fileids`,
    CFG_TRANSCRIPTFILE: `${folder}/etc/${EXPERIMENT}_train.transcription`,
    CFG_FEATPARAMS: `${folder}/etc/feat.params`,
    CFG_HMM_TYPE: '.cont.',
    CFG_DIRLABEL: 'cont',
    CFG_STATESPERHMM: 3,
    CFG_SKIPSTATE: 'no',
    CFG_FEATURE: '1s_c_d_dd',
    CFG_NUM_STREAMS: 1,
    CFG_INITIAL_NUM_DENSITIES: 1,
    CFG_FINAL_NUM_DENSITIES: settings.gaussians,
    CFG_FALIGN_CI_MGAU: 'no',
    CFG_CI_MGAU: 'no',
    CFG_CD_TRAIN: 'yes',
    CFG_N_TIED_STATES: settings.senones,
    CFG_NPART: settings.processes,
    CFG_CROSS_PHONE_TREES: 'no',
    CFG_FORCEDALIGN: 'no',
    CFG_LDA_MLLT: 'no',
    CFG_QUEUE_TYPE: settings.processes > 1 ? 'Queue::POSIX' : 'Queue',
    CFG_MAKE_QUESTS: 'yes',
    CFG_QUESTION_SET: `${architecture}/${EXPERIMENT}.tree_questions`,
    CFG_CP_OPERATION: `${architecture}/${EXPERIMENT}.cpmeanvar`,
    CFG_G2P_MODEL: 'no',
    CFG_MMIE: 'no',
    CFG_DONE: 1,
  };
  return lines([...Object.entries(values).map(([name, value]) => `$${name} = ${perlConstant(value)};`), 'return 1;']);
}

/** Perl takes nothing in single quotes for its own but the quote and the backslash before one. */
function perlConstant(value: string | number): string {
  return typeof value === 'number' ? `${value}` : `'${value.replace(/['\\]/gu, (character) => `\\${character}`)}'`;
}
