import console from 'node:console';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

// npm and pnpm run this in a package's folder before they pack it.
const { name, exports: entries } = JSON.parse(readFileSync('package.json', 'utf8'));
const missing = Object.values(entries)
  .map((entry) => entry.default)
  .filter((file) => !existsSync(file));
if (missing.length > 0) {
  console.error(`${name}: ${missing.join(', ')} missing, so there is nothing to publish: pnpm build`);
  process.exitCode = 1;
}
