import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from './tools.ts';
import type { HmmWork } from './train-hmm.ts';

/** Models that a decoder reads. */
export interface DecoderModels {
  /** Folder of a trained model. */
  readonly acoustic: string;
  /** File of a language model in the ARPA format: of words, or of sounds where there is no dictionary. */
  readonly language: string;
  /** File of a dictionary; without one, sounds are decoded. */
  readonly dictionary?: string;
}

export interface DecoderSettings {
  /** Weight of the language model against the sound. */
  readonly languageWeight: number;
  /** Processes that utterances are split among. */
  readonly processes: number;
}

/** Beams that are wide for words, and bearable for all sounds in context. */
const WORD_BEAMS = ['-beam', '1e-60', '-wbeam', '1e-40'];
const SOUND_BEAMS = ['-beam', '1e-20', '-pbeam', '1e-20'];

let calls = 0;

/**
 * Decodes utterances whose cepstra are there, by `pocketsphinx_batch`.
 * @returns words or sounds of each utterance, none where nothing was heard
 */
export async function decode(
  ids: readonly string[],
  models: DecoderModels,
  { languageWeight, processes }: DecoderSettings,
  work: HmmWork,
): Promise<string[][]> {
  const share = Math.ceil(ids.length / processes);
  const parts = Array.from({ length: processes }, (_, part) => ids.slice(part * share, (part + 1) * share));
  const heard = await Promise.all(
    parts.filter((part) => part.length > 0).map((part) => decodePart(part, models, languageWeight, work)),
  );
  const byId = new Map(heard.flatMap((each) => [...each]));
  return ids.map((id) => byId.get(id) ?? []);
}

async function decodePart(
  ids: readonly string[],
  { acoustic, language, dictionary }: DecoderModels,
  languageWeight: number,
  work: HmmWork,
): Promise<Map<string, string[]>> {
  const name = join(work.folder, 'logs', `decoded-${calls++}`);
  await writeFile(`${name}.ids`, ids.map((id) => `${id}\n`).join(''));
  const search =
    dictionary === undefined
      ? ['-allphone', language, ...SOUND_BEAMS]
      : ['-lm', language, '-dict', dictionary, ...WORD_BEAMS];
  const places = [
    '-ctl',
    `${name}.ids`,
    '-cepdir',
    join(work.folder, 'feat'),
    '-cepext',
    '.mfc',
    '-hyp',
    `${name}.hyp`,
  ];
  const options = ['-hmm', acoustic, ...search, '-lw', `${languageWeight}`, ...places];
  await runTool(work.tools.decoder, options, { ...work, log: `${name}.log` });
  return parseHypotheses(await readFile(`${name}.hyp`, 'utf8'));
}

/**
 * Words by utterance, from a decoder's lines: `one two (ID -1234)`. Silence and the ends of sentences are left out.
 * @throws Error for another line
 */
export function parseHypotheses(text: string): Map<string, string[]> {
  const heard = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, words, id] = /^(.*?) ?\((\S+) -?\d+\)$/u.exec(line) ?? [];
    if (words === undefined || id === undefined)
      throw new Error(`hmm: expected lines of words and (ID score) from the decoder, got ${JSON.stringify(line)}`);
    const spoken = words.split(' ').filter((word) => word !== '' && !/^(<.*>|\[.*\]|SIL|\+.*\+)$/u.test(word));
    // Variants of a pronunciation are one word.
    heard.set(
      id,
      spoken.map((word) => word.replace(/\(\d+\)$/u, '')),
    );
  }
  return heard;
}
