import { expect, it } from 'vitest';
import { TermSums, termSumsSchema } from './term-sums.ts';

const named = (value: number) => JSON.parse(`{"__proto__":${value},"loss":1}`) as Record<string, number>;

it('terms named as what all objects inherit are summed like any other', () => {
  const before = Reflect.ownKeys(Object.prototype);
  const sums = new TermSums();
  sums.add(named(2), 3);
  sums.add(named(4), 1);
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(JSON.stringify(sums.means)).toBe('{"__proto__":2.5,"loss":1}');
  const state = termSumsSchema.parse(JSON.parse(JSON.stringify(sums.state)));
  expect(JSON.stringify(new TermSums(state).means)).toBe('{"__proto__":2.5,"loss":1}');
});
