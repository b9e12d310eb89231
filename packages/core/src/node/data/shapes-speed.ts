import { execFileSync } from 'node:child_process';
import { drawShape } from '../../data/generators/shapes/shapes.ts';
import { RandomStream } from '../../random/random-stream.ts';

/**
 * Shapes a second and core, ours and Pillow's, alternating, each the best of its repeats in CPU time:
 * `node --conditions=@motley/source --import tsx src/node/data/shapes-speed.ts PYTHON`, with a Python that has Pillow
 * and NumPy.
 */
const [python = 'python3'] = process.argv.slice(2);
const script = new URL('../../data/generators/shapes/pillow.py', import.meta.url).pathname;
const IMAGES = 200;
const REPEATS = 20;
const ROUNDS = 5;

function imagesPerSecond(random: RandomStream): number {
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const before = process.cpuUsage();
    for (let image = 0; image < IMAGES; image++) drawShape(random.fork(repeat * IMAGES + image));
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / IMAGES);
  }
  return 1e6 / best;
}

for (let round = 0; round < ROUNDS; round++) {
  const ours = imagesPerSecond(RandomStream.fromSeed(round));
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' };
  const theirs = Number(execFileSync(python, [script, String(REPEATS)], { env, encoding: 'utf8' }));
  console.log(`ours ${ours.toFixed(0)}, Pillow ${theirs.toFixed(0)} images/s: ${(ours / theirs).toFixed(2)} times`);
}
