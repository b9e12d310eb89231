import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventLines } from './event-lines.ts';
import { tokenOf } from './token.ts';

const STREAM = ': open\n\nid: 3\ndata: {"a":1}\n\ndata:one\r\ndata: two\r\n\r\n: beat\n\ndata: last\n\nda';

it('gives the same events however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 8 }), (places) => {
      const cuts = [0, ...places.sort((a, b) => a - b), STREAM.length];
      const lines = new EventLines();
      const events = cuts.slice(1).flatMap((end, index) => lines.push(STREAM.slice(cuts[index], end)));
      expect(events).toEqual(['{"a":1}', 'one\ntwo', 'last']);
    }),
    { seed: 1 },
  );
});

it('finds the token of a page', () => {
  expect(tokenOf('<head><meta name="studio-token" content="a-B_9"><meta charset="utf-8">')).toBe('a-B_9');
  expect(tokenOf('<head></head>')).toBe('');
});
