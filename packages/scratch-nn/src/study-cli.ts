import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError, writeFileAtomically } from '@motley/core/scratch';
import { z } from 'zod';
import { describeData } from './figures.ts';
import { COMBINATIONS, curvesOf, isOf, type Outcome, outcomeSchema, SEEDS, studyOne, tableOf } from './study.ts';
import { count, OPTIONS, runTool, settingsOf, userPath } from './tool.ts';

const HELP = `study: trains noise and none, centred and not, by three seeds, draws the loss curves and prints the table
  --preset NAME, --config FILE, --set key=value   as with train
  --out DIR    for study.json, study.md and the figures (default runs/scratch-nn-study); what it holds is not done again
  --limit N    no more trainings than this now; the same command goes on`;

const fileSchema = z.strictObject({ settings: z.string(), outcomes: z.array(outcomeSchema) });

async function readOutcomes(path: string, settings: string): Promise<Outcome[]> {
  if (!existsSync(path)) return [];
  const file = fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!file.success) throw new UserError(`${path}: expected a study, found something else`);
  if (file.data.settings !== settings)
    throw new UserError(`${path}: expected a study of these settings, found one of others; name another --out`);
  return file.data.outcomes;
}

process.exitCode = await runTool(HELP, async (argv) => {
  const { preset, config, set } = OPTIONS;
  const { values } = parseArgs({
    args: argv,
    options: { preset, config, set, out: { type: 'string' }, limit: { type: 'string' } },
  });
  const { model, data, training } = await settingsOf(values);
  const folder = userPath(values.out ?? join('runs', 'scratch-nn-study'));
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'study.json');
  const settings = JSON.stringify({ model, data, training });
  const outcomes = await readOutcomes(path, settings);
  const all = COMBINATIONS.length * SEEDS.length;
  const wanted = Math.min(all, outcomes.length + count('--limit', values.limit, all, all));
  for (const seed of SEEDS)
    for (const combination of COMBINATIONS) {
      const isDone = outcomes.some((outcome) => isOf(outcome, combination) && outcome.seed === seed);
      if (isDone || outcomes.length >= wanted) continue;
      const outcome = await studyOne({ model, data: { ...data, ...combination }, training: { ...training, seed } });
      outcomes.push(outcome);
      await writeFileAtomically(path, `${JSON.stringify({ settings, outcomes })}\n`);
      const right = `${(100 * outcome.test.accuracy!).toFixed(2)} % right`;
      process.stderr.write(`${describeData({ ...data, ...combination })}, seed ${seed}: ${right}\n`);
    }
  if (outcomes.length < all) return;
  for (const combination of COMBINATIONS) {
    const name = `${combination.centred ? 'centred' : 'off-centre'}-${combination.noise === 0 ? 'clean' : 'noise'}`;
    const title = describeData({ ...data, ...combination });
    const { png } = curvesOf(
      outcomes.filter((outcome) => isOf(outcome, combination)),
      title,
    );
    await writeFileAtomically(join(folder, `loss-${name}.png`), png);
  }
  const table = tableOf(outcomes, data);
  await writeFileAtomically(join(folder, 'study.md'), table);
  process.stdout.write(`${table}${folder}\n`);
});
