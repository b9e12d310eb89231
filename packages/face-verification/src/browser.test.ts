import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, ['config', 'model', 'loss', 'predict', 'pictures/align', 'index', 'demo']);
