import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '@motley/run/node';
import { BACKENDS, findBackends, startBackend, type BackendName } from './start-backend.ts';
import type { TrainedSystem, TrainedSystems } from './support-document.ts';
import { SYSTEMS, trainSystem, type SystemName } from './systems.ts';

/**
 * `pnpm --filter @motley/core backends [STEPS] [SEEDS] [BACKEND...]`: trains the three systems on each backend
 * (default: all), each in its own process, and writes docs/backends.json, from which the tests generate the table in
 * docs/backends.md.
 */
const FILE = join(import.meta.dirname, '../../../docs/backends.json');

async function trainOn(
  backend: BackendName,
  system: SystemName,
  steps: number,
  seedCount: number,
): Promise<TrainedSystem> {
  await startBackend(backend);
  const seeds = Array.from({ length: seedCount }, (_, index) => index + 1);
  const outcomes = [];
  for (const seed of seeds) outcomes.push(await trainSystem(system, { seed, steps }));
  const round = (values: readonly number[]) => values.map((value) => Number(value.toFixed(5)));
  const accuracies = outcomes.flatMap(({ accuracy }) => (accuracy === undefined ? [] : [accuracy]));
  return {
    system,
    backend,
    seeds,
    steps,
    loss: round(outcomes.map(({ loss }) => loss)),
    ...(accuracies.length > 0 && { accuracy: round(accuracies) }),
  };
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'train') {
  const [backend, system, steps, seeds] = rest as [BackendName, SystemName, string, string];
  console.log(JSON.stringify(await trainOn(backend, system, Number(steps), Number(seeds))));
} else {
  const [seeds = '2', ...wanted] = rest;
  const { found, missing } = await findBackends();
  for (const reason of missing) console.error(reason);
  const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as TrainedSystems;
  const chosen = found.filter((backend) => wanted.length === 0 || wanted.includes(backend));
  const kept = recorded.systems.filter((each) => !chosen.includes(each.backend));
  const trained: TrainedSystem[] = [];
  for (const name of Object.keys(SYSTEMS)) {
    for (const backend of chosen) {
      const given = [
        '--conditions=@motley/source',
        '--import',
        'tsx',
        import.meta.filename,
        'train',
        backend,
        name,
        first ?? '24',
        seeds,
      ];
      const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} on ${backend}: ${stderr}`);
      console.error(stdout.trim());
      trained.push(JSON.parse(stdout) as TrainedSystem);
    }
  }
  const order = Object.keys(SYSTEMS);
  const systems = [...trained, ...kept].sort(
    (a, b) =>
      order.indexOf(a.system) - order.indexOf(b.system) || BACKENDS.indexOf(a.backend) - BACKENDS.indexOf(b.backend),
  );
  const written: TrainedSystems = { date: new Date().toISOString().slice(0, 10), systems };
  await writeFileAtomically(FILE, `${JSON.stringify(written, null, 2)}\n`);
}
