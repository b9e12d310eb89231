/** What of `@motley/core/scratch` runs in a browser too: with the condition `browser` it is all that there is. */
export type { ScratchArray } from './checkpoint/stored-values.ts';
export { defineConfig, type ConfigDefinition, type ConfigOf, type DeepPartial, type Preset } from './config/config.ts';
export { ConfigError, UserError, shown } from './config/errors.ts';
export { nearestName, suggestion } from './config/nearest.ts';
export { Grammar, englishGrammar } from './data/generators/grammar.ts';
export { MarkovChain } from './data/generators/series/markov-chain.ts';
export { meanAndDeviation } from './metrics/statistics.ts';
export {
  constantSchedule,
  cosineSchedule,
  inverseSquareRootSchedule,
  oneCycleSchedule,
  stepSchedule,
  type Schedule,
} from './optim/schedules.ts';
export { RandomNumbers, type RandomState } from './random/random-numbers.ts';
export { ByteTokenizer } from './text/byte-tokenizer.ts';
export { CharacterTokenizer } from './text/character-tokenizer.ts';
export type { Tokenizer } from './text/tokenizer.ts';
export { yieldToEventLoop } from './train/event-loop.ts';
export type { Checkpoint, MetricRecord, Metrics, Progress, Split, TrainingListener } from './train/events.ts';
export { NonFiniteLossError } from './train/non-finite-error.ts';
