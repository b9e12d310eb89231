import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shown, UserError } from '@motley/run';
import { isClutter, loadLines, reasonOf } from '@motley/run/node';
import { Drops, PARTS, type Part, type Recording, type RecordingCollection } from './recording.ts';
import { partsByName } from './split.ts';
import { transcriptOf } from './transcripts.ts';

const MOST_TEXT_BYTES = 2 ** 24;
const prefixes: Readonly<Record<string, Part>> = { train: 'training', dev: 'validation', test: 'test' };

/**
 * Lists LibriSpeech (Panayotov et al., 2015): folders of `SPEAKER/CHAPTER` with `.flac` files and one `.trans.txt`.
 * @param folder one subset, whose speakers are split; or a folder of subsets such as `train-clean-100`, `dev-clean` and
 * `test-clean`, which are the parts
 * @throws UserError naming the file, and the line of a transcript, for audio without transcript, a transcript without
 * audio, and letters that the alphabet lacks
 */
export async function loadLibriSpeech(folder: string): Promise<RecordingCollection> {
  const names = await foldersIn(folder, 'a folder of LibriSpeech');
  const subsets = names.filter((name) => subsetPart(name) !== undefined);
  const speakers = await Promise.all(
    subsets.length === 0
      ? [speakersIn(folder)]
      : subsets.map((name) => speakersIn(join(folder, name), subsetPart(name))),
  );
  const parts = partsByName(speakers.flat().map(({ name }) => name));
  const drops = new Drops();
  const recordings: Recording[] = [];
  for (const { name, path, part = parts.get(name)! } of speakers.flat())
    for (const chapter of await foldersIn(path, 'a folder of a speaker'))
      await readChapter(join(path, chapter), `${name}-${chapter}`, name, part, recordings, drops);
  if (recordings.length === 0)
    throw new UserError(`${folder}: expected SPEAKER/CHAPTER with .flac files and .trans.txt, found none`);
  recordings.sort((a, b) => PARTS.indexOf(a.part) - PARTS.indexOf(b.part) || (a.id < b.id ? -1 : 1));
  return { name: 'librispeech', language: 'english', recordings, dropped: drops.counts };
}

function subsetPart(name: string): Part | undefined {
  return prefixes[/^(train|dev|test)(?:-|$)/.exec(name)?.[1] ?? ''];
}

interface Speaker {
  readonly name: string;
  readonly path: string;
  /** Part of the whole subset. */
  readonly part?: Part | undefined;
}

async function speakersIn(folder: string, part?: Part): Promise<Speaker[]> {
  const names = await foldersIn(folder, 'a folder of speakers');
  const other = names.find((name) => !/^\d+$/.test(name));
  if (other !== undefined)
    throw new UserError(`${folder}: expected folders named by speakers, such as 1272, found ${shown(other)}`);
  return names.map((name) => ({ name, path: join(folder, name), part }));
}

async function readChapter(
  folder: string,
  prefix: string,
  speaker: string,
  part: Part,
  recordings: Recording[],
  drops: Drops,
): Promise<void> {
  const files = new Set((await entriesIn(folder, 'a folder of a chapter')).map(({ name }) => name));
  const table = join(folder, `${prefix}.trans.txt`);
  const transcribed = new Set<string>();
  for (const [index, line] of (await loadLines(table, { maxBytes: MOST_TEXT_BYTES })).entries()) {
    const place = `${table}: line ${index + 1}`;
    const [, id, written] = /^(\d+-\d+-\d+) (.*)$/.exec(line) ?? [];
    if (id?.startsWith(`${prefix}-`) !== true)
      throw new UserError(`${place}: expected "${prefix}-NUMBER TEXT", found ${shown(line)}`);
    if (!files.has(`${id}.flac`)) throw new UserError(`${place}: expected ${id}.flac beside it, found none`);
    transcribed.add(`${id}.flac`);
    const transcript = transcriptOf(written!, 'english');
    if (!('reason' in transcript))
      recordings.push({ id, text: transcript.text, speaker, file: join(folder, `${id}.flac`), part });
    else if (transcript.reason === 'no text') drops.add('no text');
    else throw new UserError(`${place}: expected English letters, found ${transcript.reason} in ${shown(written)}`);
  }
  for (const name of files)
    if (name.endsWith('.flac') && !transcribed.has(name))
      throw new UserError(`${join(folder, name)}: expected a transcript in ${table}, found none`);
}

const foldersIn = async (folder: string, expected: string): Promise<string[]> =>
  (await entriesIn(folder, expected)).filter((entry) => entry.isFolder).map(({ name }) => name);

async function entriesIn(folder: string, expected: string): Promise<{ name: string; isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !isClutter(name))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new UserError(`${folder}: expected ${expected}, found: ${reasonOf(error)}`, { cause: error });
  }
}
