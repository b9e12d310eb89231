export {
  hmmBaseline,
  type HmmData,
  type HmmHeard,
  type HmmOptions,
  type HmmResult,
  type HmmUtterance,
} from './hmm-baseline.ts';
