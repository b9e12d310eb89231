import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, [
  'config',
  'demo',
  'model',
  'loss',
  'predict',
  'evidence',
  'vocabulary',
  'index',
]);
