import { describe, expect, it } from 'vitest';
import { UserError } from '../config/errors.ts';
import { decodeSafetensors, encodeSafetensors, withMetadata, type SafetensorsEntry } from './safetensors.ts';

const entries = new Map<string, SafetensorsEntry>([
  ['b.weight', { dtype: 'F32', shape: [1, 2], values: Float32Array.of(1.5, -2) }],
  ['a', { dtype: 'I32', shape: [2], values: Int32Array.of(3, -4) }],
  ['l', { dtype: 'I64', shape: [1], values: BigInt64Array.of(-5n) }],
  ['u', { dtype: 'U8', shape: [2], values: Uint8Array.of(7, 255) }],
  ['m', { dtype: 'BOOL', shape: [], values: Uint8Array.of(1) }],
]);

/** Header that Python's safetensors 0.8 writes for the same arrays. */
const PYTHON_HEADER =
  '{"__metadata__":{"format":"pt"},"l":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},' +
  '"b.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"a":{"dtype":"I32","shape":[2],"data_offsets":[16,24]},' +
  '"u":{"dtype":"U8","shape":[2],"data_offsets":[24,26]},"m":{"dtype":"BOOL","shape":[],"data_offsets":[26,27]}}';
const PYTHON_VALUES = 'fbffffffffffffff0000c03f000000c003000000fcffffff07ff01';

const file = (header: string, values = ''): Buffer =>
  Buffer.concat([
    Buffer.from(BigUint64Array.of(BigInt(header.length)).buffer),
    Buffer.from(header),
    Buffer.from(values, 'hex'),
  ]);
const LISTED = 'F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL';
const decode = (bytes: Uint8Array) => decodeSafetensors(bytes, 'w.safetensors');

describe('safetensors', () => {
  it('writes the same bytes as Python, and reads them back', () => {
    const python = file(PYTHON_HEADER, PYTHON_VALUES);
    expect(Buffer.from(encodeSafetensors(entries, { format: 'pt' })).toString('hex')).toBe(python.toString('hex'));
    expect(decode(python)).toEqual({ tensors: new Map(entries), metadata: { format: 'pt' } });
  });

  it.each([
    ['entries of every type', entries],
    ['no entry', new Map<string, SafetensorsEntry>()],
    ['a name beyond ASCII', new Map([['größe "x"', entries.get('a')!]])],
  ])('gets other metadata without its values being copied: %s', (_, tensors) => {
    const metadata = { format: 'pt', system: 'größe', step: '12' };
    const bytes = encodeSafetensors(tensors);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    for (const whole of [bytes, shifted.subarray(3)]) {
      const [head, values] = withMetadata(whole, metadata);
      expect(Buffer.concat([head, values]).equals(encodeSafetensors(tensors, metadata))).toBe(true);
      expect(values.buffer).toBe(whole.buffer);
    }
  });

  it('reads from the middle of a buffer, and copies', () => {
    const bytes = encodeSafetensors(entries);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const read = decode(shifted.subarray(3));
    shifted.fill(0);
    expect(read.tensors).toEqual(entries);
  });

  it('takes arrays with offsets, empty arrays and names of every kind', () => {
    const values = new Float32Array([0, 1, 2, 3]).subarray(1, 3);
    const odd = new Map<string, SafetensorsEntry>([
      ['__proto__', { dtype: 'F32', shape: [2], values }],
      ['größe "x"', { dtype: 'F32', shape: [0, 3], values: new Float32Array(0) }],
    ]);
    expect(decode(encodeSafetensors(odd)).tensors).toEqual(odd);
    expect(decode(encodeSafetensors(new Map())).tensors.size).toBe(0);
  });

  it('leaves out arrays that are not wanted, whatever their type', () => {
    const bytes = file(`{"a":${entry('[0,4]')},"b":${entry('[4,7]', '[3]', '"F8_E4M3"')}}`, '0000c03f010203');
    const { tensors } = decodeSafetensors(bytes, 'w.safetensors', (name) => name === 'a');
    expect(tensors).toEqual(new Map([['a', { dtype: 'F32', shape: [1], values: Float32Array.of(1.5) }]]));
    expect(() => decode(bytes)).toThrow('"b" to be one of');
  });

  it('refuses to write arrays that could not be read back', () => {
    const one: SafetensorsEntry = { dtype: 'F32', shape: [1], values: Float32Array.of(1) };
    expect(() => encodeSafetensors(new Map([['', one]]))).toThrow(`expected a tensor's name, got ""`);
    expect(() => encodeSafetensors(new Map([['__metadata__', one]]))).toThrow(`expected a tensor's name`);
    expect(() => encodeSafetensors(new Map([['a', { ...one, shape: [2] }]]))).toThrow(
      '"a" expected 2 values for shape [2], got 1',
    );
  });

  it('refuses every truncated file', () => {
    const whole = encodeSafetensors(entries);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decode(whole.subarray(0, length)), `${length} bytes`).toThrow(UserError);
    }
  });

  const entry = (offsets: string, shape = '[1]', dtype = '"F32"') =>
    `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
  it.each([
    [Buffer.from('ffffffffffffffff', 'hex'), 'expected a safetensors header within the file'],
    [Buffer.from('PK\u0003\u0004 a zip archive of PyTorch'), 'expected a safetensors header within the file'],
    [file('{"a":'), 'expected a safetensors header in JSON, found damaged text'],
    [file('[1]'), 'expected a safetensors header that is a JSON object, found [1]'],
    [file('{"__metadata__":{"a":1}}'), 'expected __metadata__ to map names to strings'],
    [file('{"a":3}'), `"a" to be one of ${LISTED}, found undefined`],
    [file(`{"a":${entry('[0,4]', '[1]', '"F4"')}}`, '00000000'), `"a" to be one of ${LISTED}, found "F4"`],
    [file(`{"a":${entry('[4,0]', '[1]', '"F4"')}}`, '00000000'), '"a" of F4 [1] to span 0 bytes, found -4'],
    [file(`{"a":${entry('[0,4]', '[1]', '"toString"')}}`, '00000000'), 'found "toString"'],
    [file(`{"a":${entry('[0,4]', '[-1]')}}`, '00000000'), '"a" to have a shape of sizes, found [-1]'],
    [file(`{"a":${entry('[0]')}}`, '00000000'), '"a" to have two data_offsets, found [0]'],
    [file(`{"a":${entry('[4,0]')}}`, '00000000'), '"a" of F32 [1] to span 4 bytes, found -4'],
    [file(`{"a":${entry('[0,4]', '[2]')}}`, '00000000'), '"a" of F32 [2] to span 8 bytes, found 4'],
    [file(`{"a":${entry('[0,4]', '[9007199254740991,9007199254740991]')}}`, '00000000'), 'to span'],
    [
      file(`{"a":${entry('[0,4]')},"b":${entry('[0,4]')}}`, '00000000'),
      '"b" to begin at byte 4 of the values, found 0',
    ],
    [file(`{"a":${entry('[4,8]')}}`, '0000000000000000'), '"a" to begin at byte 0 of the values, found 4'],
    [file(`{"a":${entry('[0,4]')}}`, '0000000000'), 'found a file of'],
    [file(`{"a\\n":${entry('[0,4]', '[2]')}}`, '00000000'), '"a\\n" of F32 [2] to span 8 bytes, found 4'],
    [file('['.repeat(200_000)), 'expected a safetensors header nested at most 64 levels deep, found more'],
    [file(`{"a":${'['.repeat(200_000)}`), 'expected a safetensors header nested at most 64 levels deep'],
    [file(`{"a":${entry('[0,4]', `[${'9007199254740991,'.repeat(20)}0]`)}}`, '00000000'), 'to span 0 bytes, found 4'],
    [file(`{"":${entry('[0,4]')}}`, '00000000'), "expected a tensor's name, found an empty one"],
  ])('refuses a damaged or foreign file (%#)', (bytes, message) => {
    expect(() => decode(bytes)).toThrow(UserError);
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decode(bytes)).toThrow(/^w\.safetensors: expected [^\n]*, found [^\n]*$/);
  });
});
