import { join } from 'node:path';
import { UserError } from '@motley/run';
import { finishSystem, writeSystem } from './create-system.ts';

const USAGE = 'pnpm create-system NAME: writes packages/NAME, a small system that trains as it stands';

/** @returns the exit status: 0 done; 1 failed; 2 bad arguments */
async function createSystem(argv: readonly string[]): Promise<number> {
  const root = join(import.meta.dirname, '../../..');
  const [name, ...rest] = argv;
  try {
    if (name === '--help' || name === '-h') {
      console.log(USAGE);
      return 0;
    }
    if (name === undefined || rest.length > 0)
      throw new UserError(`create-system: expected one name, got ${argv.length} (${USAGE})`);
    finishSystem(root, await writeSystem(root, name));
    console.log(`
packages/${name} is ready:
  pnpm --filter ${name} train --fast
  pnpm --filter ${name} test
Then make it yours, file by file from config.ts on, and add it to the tables of README.md and to .changeset/add-${name}.md.`);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return error instanceof UserError ? 2 : 1;
  }
}

process.exitCode = await createSystem(process.argv.slice(2));
