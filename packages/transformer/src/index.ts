export { SYMBOLS_PER_PAIR } from './batches.ts';
export { config, modelSchema, type ModelConfig, type TransformerConfig } from './config.ts';
export { beamSearch, type BeamSearchOptions, type Frame, type Translations } from './decoding/beam-search.ts';
export { transformerLoss, type TransformerLoss } from './loss.ts';
export { causalMask, PADDING, paddingMask } from './masks.ts';
export {
  attentionWeights,
  FeedForward,
  Layer,
  MultiHeadAttention,
  Residual,
  sinusoids,
  Stack,
  TokenEmbedding,
  Transformer,
  type DecoderState,
  type KeysAndValues,
  type Memory,
  type Pass,
} from './model.ts';
export { Translator, type DecodingOptions } from './predict.ts';
export { characterVocabulary, FRAME, learnVocabulary, textOf, vocabularyOfCheckpoint } from './vocabulary.ts';
