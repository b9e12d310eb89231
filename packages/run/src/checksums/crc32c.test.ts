import { expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.ts';

it.each([
  // RFC 3720, B.4
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  [Buffer.from('123456789'), 0xe3069283],
  [new Uint8Array(0), 0],
])('crc32c (%#)', (bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

it('masks checksums as TFRecord does', () => {
  // Value computed by tensorboard's masked_crc32c.
  expect(maskedCrc32c(Uint8Array.of(24, 0, 0, 0, 0, 0, 0, 0))).toBe(0x224b7fa3);
});
