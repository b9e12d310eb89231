export { BpeTokenizer, type BpeTokenizerState } from './bpe/bpe-tokenizer.ts';
export { type BpeTrainingOptions, trainBpe } from './bpe/train-bpe.ts';
export { ByteTokenizer, type ByteTokenizerState } from './byte-tokenizer.ts';
export { CharacterTokenizer, type CharacterTokenizerState } from './character-tokenizer.ts';
export { tokenizerFromJSON } from './from-json.ts';
export { PretrainedTokenizer } from './pretrained-tokenizer.ts';
export type { SpecialTokenOptions, Tokenizer } from './tokenizer.ts';
export {
  WordTokenizer,
  type WordTokenizerOptions,
  type WordTokenizerState,
  type WordTrainingOptions,
} from './word-tokenizer.ts';
