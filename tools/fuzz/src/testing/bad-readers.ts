import { UserError } from '@motley/run';
import type { Reader } from '../seed-file.ts';

const bad = (name: string, read: () => unknown): Reader => ({
  name,
  corpus: () => Promise.resolve([[{ name: 'a', content: Buffer.from('some bytes'), structure: 'bytes' }]]),
  read: async () => {
    await Promise.resolve();
    return read();
  },
});

/** Stack of one call after another without end. */
const deeper = (): number => 1 + deeper();
const held: unknown[] = [];

/** Readers that fail in every way that the pool tells apart, named by their outcome. */
export const readers: readonly Reader[] = [
  bad('accepted', () => 1),
  bad('refused', () => {
    throw new UserError('a: expected b, found c');
  }),
  bad('unclear error', () => {
    throw new UserError('a line without end'.repeat(1000));
  }),
  bad('wrong error', () => (undefined as unknown as { x: number }).x),
  bad('stack', deeper),
  bad('memory', () => {
    for (;;) held.push(new Array<string>(1_000_000).fill('held'));
  }),
  bad('hang', () => {
    for (;;);
  }),
  bad('crash', () => {
    process.kill(process.pid, 'SIGSEGV');
    for (;;);
  }),
  bad('prototype', () => Object.assign(Object.prototype, { changed: 1 })),
];
