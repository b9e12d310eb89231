/**
 * GPT-2's characters for bytes (Radford et al., 2019). Printable bytes stand for themselves; the others map to U+0100
 * and up. Token files use these characters.
 */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

/** All bytes, ordered by their characters: the order of every byte-level vocabulary. */
export const BYTES_IN_ORDER: readonly number[] = BYTE_CHARACTERS.map((_, byte) => byte).sort((a, b) =>
  BYTE_CHARACTERS[a]! < BYTE_CHARACTERS[b]! ? -1 : 1,
);
