import { baseWithOwnProcesses } from '../../vitest.base.ts';

// It puts another module in the place of the charts'.
export default baseWithOwnProcesses(['src/node/figures/learning-curves.test.ts']);
