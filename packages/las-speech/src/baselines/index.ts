export { deafBaselines, type DeafBaselines, type DeafOptions, type DeafRates } from './deaf-baselines.ts';
export {
  hmmBaseline,
  type HmmData,
  type HmmHeard,
  type HmmOptions,
  type HmmResult,
  type HmmUtterance,
} from './hmm/index.ts';
export { SentenceModel, type SentenceModelOptions } from './sentence-model.ts';
export { nearestWord, type SpokenWord, timeWarpingDistance, wordAccuracy } from './time-warping.ts';
