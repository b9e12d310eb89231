import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { shown, UserError } from '@motley/run';
import { loadLines } from '@motley/run/node';
import { requireRoot, type RecordingPlaces } from './locations.ts';
import { Drops, type Recording, type RecordingCollection } from './recording.ts';
import { transcriptOf } from './transcripts.ts';

const MOST_TEXT_BYTES = 2 ** 26;
const ENDINGS = Object.freeze(['wav', 'flac', 'ogg', 'g722']);

/** Files of a task for the CMU Sphinx recognizers. */
export interface SphinxTask {
  /** Folder of the audio files. */
  readonly folder: string;
  /** List of names, one a line, without endings. */
  readonly ids: string;
  /** Lines of `<s> text </s> (name)`. */
  readonly transcripts: string;
  readonly speaker: string;
}

/**
 * Lists the ten transcribed clips of Debian's `pocketsphinx-testdata`: five of an audiobook, five of playing cards. All
 * are for test.
 * @throws UserError where the package is missing, and like `loadSphinx`
 */
export async function loadPocketsphinxPackage(places: RecordingPlaces = {}): Promise<RecordingCollection> {
  const data = join(requireRoot('pocketsphinx-testdata', places), 'usr/share/pocketsphinx/test/data');
  const audiobook = join(data, 'librivox');
  const cards = join(data, 'cards');
  return loadSphinx('pocketsphinx', [
    {
      folder: audiobook,
      ids: join(audiobook, 'fileids'),
      transcripts: join(audiobook, 'transcription'),
      speaker: 'audiobook',
    },
    {
      folder: cards,
      ids: join(cards, 'cards.fileids'),
      transcripts: join(cards, 'cards.transcription'),
      speaker: 'cards',
    },
  ]);
}

/**
 * Lists the recordings of tasks for CMU Sphinx.
 * @throws UserError naming file and line of a name without transcript, a transcript without name, and a name without
 * audio
 */
export async function loadSphinx(name: string, tasks: readonly SphinxTask[]): Promise<RecordingCollection> {
  const drops = new Drops();
  const recordings: Recording[] = [];
  for (const { folder, ids, transcripts, speaker } of tasks) {
    const texts = await readTranscripts(transcripts);
    const listed = new Set<string>();
    for (const [index, id] of (await loadLines(ids, { maxBytes: MOST_TEXT_BYTES })).entries()) {
      if (id.trim() === '') continue;
      const written = texts.get(id);
      if (written === undefined)
        throw new UserError(`${ids}: line ${index + 1}: expected a transcript of ${id} in ${transcripts}, found none`);
      if (id.split('/').includes('..'))
        throw new UserError(`${ids}: line ${index + 1}: expected a name within ${folder}, found ${shown(id)}`);
      const file = ENDINGS.map((ending) => join(folder, `${id}.${ending}`)).find((path) => existsSync(path));
      if (file === undefined)
        throw new UserError(
          `${ids}: line ${index + 1}: expected ${join(folder, id)}.${ENDINGS.join(', .')}, found no such file`,
        );
      listed.add(id);
      const transcript = transcriptOf(written.text, 'english');
      if ('reason' in transcript) drops.add(transcript.reason);
      else recordings.push({ id: `${speaker}/${id}`, text: transcript.text, speaker, file, part: 'test' });
    }
    for (const [id, { line }] of texts)
      if (!listed.has(id)) throw new UserError(`${transcripts}: line ${line}: expected ${id} in ${ids}, found none`);
  }
  return { name, language: 'english', recordings, dropped: drops.counts };
}

interface WrittenLine {
  readonly text: string;
  readonly line: number;
}

async function readTranscripts(path: string): Promise<ReadonlyMap<string, WrittenLine>> {
  const texts = new Map<string, WrittenLine>();
  for (const [index, line] of (await loadLines(path, { maxBytes: MOST_TEXT_BYTES })).entries()) {
    if (line.trim() === '') continue;
    const [, text, id] = /^\s*(?:<s>)?([^<>]*?)(?:<\/s>)?\s*\(([^()\s]+)\)\s*$/.exec(line) ?? [];
    if (id === undefined)
      throw new UserError(`${path}: line ${index + 1}: expected "<s> text </s> (name)", found ${shown(line)}`);
    texts.set(id, { text: text!, line: index + 1 });
  }
  return texts;
}
