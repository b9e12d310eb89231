import { join } from 'node:path';
import type { Plugin } from 'vite';
import { demoEntries } from '../src/export/demo-entries.ts';

const VIRTUAL = 'virtual:demos';
const RESOLVED = `\0${VIRTUAL}`;

/**
 * Gives the page `virtual:demos`: by the name of a system, a function that imports its demo.
 * @param folder of the studio's package
 */
export function demos(folder: string): Plugin {
  return {
    name: 'motley-demos',
    resolveId: (id) => (id === VIRTUAL ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      const lines = [...demoEntries(join(folder, '../..'))].map(
        ([system, file]) => `  ${JSON.stringify(system)}: () => import(${JSON.stringify(file)}),`,
      );
      return `export const demos = {\n${lines.join('\n')}\n};\n`;
    },
  };
}
