/** Prints, as a JSON array, where native TensorFlow's kernels named as arguments differ from the reference. */
import '../../nn/gradients/register.ts';
import { exceptionOf } from './grid/exceptions.ts';
import { casesOf, kernelGrids } from './grid/kernels.ts';
import { describeCase, differenceOf, expectedOf, runKernel } from './grid/run-kernel.ts';
import { startBackend } from './start-backend.ts';

const SEED = 1;
const CALLS = 20;
const TOLERANCE = 1e-4;

const problems: string[] = [];
for (const name of process.argv.slice(2)) {
  const grid = kernelGrids[name]!;
  for (const call of casesOf(name, grid, SEED, CALLS)) {
    if (exceptionOf(name, 'tensorflow', call) !== undefined) continue;
    await startBackend('cpu');
    const expected = await expectedOf(name, grid, call);
    await startBackend('tensorflow');
    const problem = await runKernel(name, call).then(
      (results) => differenceOf(results, expected, TOLERANCE),
      (error: unknown) => String(error),
    );
    if (problem !== null) problems.push(`${name}: ${problem}; ${describeCase(call)}`);
  }
}
process.stdout.write(`${JSON.stringify(problems)}\n`);
