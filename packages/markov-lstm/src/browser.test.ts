import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, ['config', 'model', 'loss', 'predict', 'data', 'baselines', 'index', 'demo']);
