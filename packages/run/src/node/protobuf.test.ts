import { describe, expect, it } from 'vitest';
import {
  bytesField,
  doubleField,
  encodeMessage,
  floatField,
  integerField,
  messageField,
  readMessage,
} from './protobuf.ts';

describe('readMessage', () => {
  it('reads every kind of field', () => {
    const message = encodeMessage([
      integerField(1, 2 ** 52 + 1),
      integerField(2, true),
      bytesField(3, 'größe'),
      messageField(200, [integerField(1, 7)]),
      floatField(5, 1),
      doubleField(6, 0),
    ]);
    expect(readMessage(message)).toEqual([
      { number: 1, value: 2 ** 52 + 1 },
      { number: 2, value: 1 },
      { number: 3, value: new Uint8Array(Buffer.from('größe')) },
      { number: 200, value: Uint8Array.of(8, 7) },
      { number: 5, value: 0x3f800000 },
      { number: 6, value: 0 },
    ]);
  });

  it.each([
    ['a cut tag', [0x80], 'an integer that does not end'],
    ['a cut integer', [8, 0xff], 'an integer that does not end'],
    ['an integer of eleven bytes', [8, ...Array.from({ length: 10 }, () => 0x80), 0], 'an integer that does not end'],
    ['text beyond the end', [18, 3, 1, 2], 'a field that ends after its message'],
    ['text of 2⁶³ bytes', [18, ...Array.from({ length: 9 }, () => 0x80), 1], 'a field that ends after its message'],
    ['a cut float', [13, 0, 0, 0], 'outside the bounds'],
    ['a group', [11, 12], 'a field of wire type 3'],
    ['a lone zero', [0], 'an integer that does not end'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readMessage(Uint8Array.from(bytes))).toThrow(new RegExp(message));
    expect(() => readMessage(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});
