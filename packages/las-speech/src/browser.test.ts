import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, [
  'alphabet',
  'attention',
  'augment',
  'config',
  'error-rates',
  'features',
  'loss',
  'model',
  'speller',
  'decoding/beam-search',
  'predict',
]);
