import { expect, it } from 'vitest';
import { Worker } from './worker.ts';

const assignment = {
  step: 'VAE',
  precision: 'float32',
  threads: 2,
  learningRate: 1e-3,
  comparedSteps: 1,
  folder: '',
} as const;

/** Starts a process that runs `script`, in which `reply` sends a message. */
const contender = (script: string) => ({
  name: 'PyTorch',
  problem: undefined,
  command: [process.execPath, '-e', `const reply = (message) => console.log(JSON.stringify(message));${script}`, '--'],
});

it('passes the assignment, runs the first steps, and requests more', async () => {
  const worker = await Worker.start(
    contender(`
      const { mode, threads } = JSON.parse(process.argv.at(-1));
      reply({ type: 'first', timeInMs: 12 });
      reply({ type: 'ready', version: mode + ' on ' + threads + ' of ' + process.env.OMP_NUM_THREADS, losses: [3] });
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        reply({ type: 'timed', timeInMs: 2 * JSON.parse(line).steps, peakMemoryInBytes: 1e9 });
      });`),
    assignment,
  );
  expect(worker.ready).toEqual({ type: 'ready', version: 'PyTorch on 2 of 2', losses: [3] });
  expect(worker.firstStepInMs).toBe(12);
  expect(worker.coldStartInMs).toBeGreaterThan(0);
  expect(await worker.run(5)).toBe(10);
  expect(worker.peakMemoryInBytes).toBe(1e9);
  await worker.stop();
});

it('names a missing program', async () => {
  const absent = { name: 'PyTorch', problem: undefined, command: ['/nowhere/python'] };
  await expect(Worker.start(absent, assignment)).rejects.toThrow(/^PyTorch: .*spawn \/nowhere\/python ENOENT$/);
});

it.each([
  ["reply({ type: 'failed', message: 'no kernel for Foo' })", 'PyTorch: no kernel for Foo'],
  ["reply({ type: 'timed', timeInMs: 1 })", 'PyTorch: expected first, got timed'],
  [
    "console.error('warned'); console.error('ImportError: torch'); process.exitCode = 3",
    /^PyTorch: .*ImportError: torch$/,
  ],
])('passes on why %s', async (script, message) => {
  await expect(Worker.start(contender(script), assignment)).rejects.toThrow(message);
});
