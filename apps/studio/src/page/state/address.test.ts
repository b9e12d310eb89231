import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatAddress, joinList, parseAddress, splitList } from './address.ts';

it('reads back every address that it writes', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 3 }),
      fc.dictionary(text, text, { noNullPrototype: true }),
      (path, query) => {
        expect(parseAddress(formatAddress({ path, query }))).toEqual({ path, query });
      },
    ),
    { seed: 1 },
  );
});

it('reads back every list of names', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }), (names) => {
      expect(splitList(joinList(names))).toEqual(names);
    }),
    { seed: 1 },
  );
});

it('leaves what cannot be decoded as it is', () => {
  expect(parseAddress('#/run/%E0%A4%A?x=%zz')).toEqual({ path: ['run', '%E0%A4%A'], query: { x: '%zz' } });
  expect(parseAddress('')).toEqual({ path: [], query: {} });
});
