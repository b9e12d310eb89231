import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, ['config', 'model', 'loss', 'vocabulary', 'reader', 'sample', 'index', 'demo']);
