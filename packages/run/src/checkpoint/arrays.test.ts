import { describe, expect, it } from 'vitest';
import { UserError } from '../config/errors.ts';
import { copyArrays, decodeArrays, encodeArrays, type NamedArrays } from './arrays.ts';
import { encodeSafetensors } from './safetensors.ts';

const arrays = (): NamedArrays => ({
  single: { shape: [2, 1], values: Float32Array.of(1.5, -2) },
  double: { shape: [], values: Float64Array.of(1 / 3) },
  count: { shape: [2], values: Int32Array.of(3, -(2 ** 31)) },
});

describe('arrays in safetensors', () => {
  it('keep their values through a file, as copies', () => {
    const source = arrays();
    const bytes = encodeArrays(source);
    source.single!.values.fill(0);
    expect(decodeArrays(bytes, 'a')).toEqual(arrays());
    const read = decodeArrays(bytes, 'a');
    read.double!.values.fill(0);
    expect(decodeArrays(bytes, 'a')).toEqual(arrays());
  });

  it('throws an error that names an array of an unsupported type, or a damaged file', () => {
    const bytes = encodeSafetensors(new Map([['b', { dtype: 'U8', shape: [1], values: Uint8Array.of(1) }]]));
    expect(() => decodeArrays(bytes, 'a.safetensors')).toThrow(UserError);
    expect(() => decodeArrays(bytes, 'a.safetensors')).toThrow(
      'a.safetensors: "b" expected to be F32, F64 or I32, found U8',
    );
    expect(() => decodeArrays(bytes.subarray(0, 9), 'a.safetensors')).toThrow(
      'a.safetensors: expected a safetensors header',
    );
  });
});

describe('copyArrays', () => {
  it('copies values into existing arrays', () => {
    const target: NamedArrays = {
      single: { shape: [2, 1], values: new Float32Array(2) },
      double: { shape: [], values: new Float64Array(1) },
      count: { shape: [2], values: new Int32Array(2) },
    };
    const [source, { values }] = [arrays(), target.single!];
    copyArrays(target, source, 'weights');
    expect(target).toEqual(arrays());
    expect(target.single!.values).toBe(values);
    source.single!.values.fill(0);
    expect(target).toEqual(arrays());
  });

  const { single, ...others } = arrays();
  it.each<[string, NamedArrays, string]>([
    ['missing', others, 'weights: expected "single" float32 [2, 1], found none'],
    [
      'one too many',
      { ...arrays(), other: single! },
      'weights: expected those of the configuration, found "other" too',
    ],
    [
      'of another shape',
      { ...others, single: { ...single!, shape: [1, 2] } },
      'weights: expected "single" float32 [2, 1], found float32 [1, 2]',
    ],
    [
      'of another type',
      { ...others, single: { shape: [2, 1], values: Float64Array.of(1, 2) } },
      'weights: expected "single" float32 [2, 1], found float64 [2, 1]',
    ],
    ['missing, though every object has the name', {}, 'weights: expected "toString" int32 [1], found none'],
  ])('refuses an array that is %s', (_, source, message) => {
    const target =
      Object.keys(source).length === 0 ? { toString: { shape: [1], values: new Int32Array(1) } } : arrays();
    expect(() => {
      copyArrays(target, source, 'weights');
    }).toThrow(new UserError(message));
  });
});
