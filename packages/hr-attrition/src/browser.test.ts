import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, [
  'config',
  'demo',
  'model',
  'loss',
  'predict',
  'predictor',
  'evaluate',
  'index',
]);
