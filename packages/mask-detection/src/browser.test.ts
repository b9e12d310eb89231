import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, ['config', 'data', 'model', 'loss', 'predict', 'evaluate', 'index', 'demo']);
