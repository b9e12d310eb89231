import { loadLines, readJson } from '@motley/run/node';
import { tokenizerFromJSON } from '../../text/from-json.ts';
import { PretrainedTokenizer } from '../../text/pretrained-tokenizer.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';

/**
 * Reads a tokenizer: one of Motley's in JSON, a Hugging Face `tokenizer.json`, or a WordPiece `vocab.txt`.
 * @param lowercase whether the model of a `vocab.txt`, which does not say, is uncased. Default true
 * @throws UserError naming the file and what is wrong with it
 */
export async function loadTokenizer(
  path: string,
  { lowercase = true }: { readonly lowercase?: boolean } = {},
): Promise<Tokenizer> {
  if (path.endsWith('.txt'))
    return PretrainedTokenizer.fromWordPieceVocabulary(await loadLines(path), { lowercase, source: path });
  return tokenizerFromJSON(await readJson(path, 'a tokenizer'), path);
}
