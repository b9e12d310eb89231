import { expect, it } from 'vitest';
import { freeTime } from './studio.ts';

it('names a folder once, whatever was named in others', () => {
  const names = ['/nowhere/vae', '/nowhere/char-rnn', '/nowhere/vae', '/nowhere/vae', '/nowhere/char-rnn'].map(
    freeTime,
  );
  for (const name of names) expect(name).toMatch(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(\.\d+)?$/);
  expect(new Set([names[0], names[2], names[3]]).size).toBe(3);
  expect(names[1]).not.toBe(names[4]);
});
