import { join } from 'node:path';
import type { Plugin } from 'vite';
import { findPrograms } from '../src/server/systems/programs.ts';

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
      const lines = findPrograms(join(folder, '../..')).flatMap(({ name, demo }) =>
        demo === undefined ? [] : [`  ${JSON.stringify(name)}: () => import(${JSON.stringify(demo)}),`],
      );
      return `export const demos = {\n${lines.join('\n')}\n};\n`;
    },
  };
}
