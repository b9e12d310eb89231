import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, [
  'config',
  'model',
  'loss',
  'predict',
  'feature-scaler',
  'windows',
  'index',
  'demo',
]);
