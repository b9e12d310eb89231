import { loadLines, readJson } from '@motley/run/node';
import { tokenizerFromJSON } from '../../text/from-json.ts';
import { PretrainedTokenizer } from '../../text/pretrained-tokenizer.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';

/**
 * Reads a tokenizer: a Motley tokenizer in JSON, a Hugging Face `tokenizer.json`, or a WordPiece `vocab.txt`.
 * @param lowercase whether the model of a `vocab.txt` is uncased, which the file does not say. Default true
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
