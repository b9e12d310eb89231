import { encodeSafetensors, maskedCrc32c, type SafetensorsEntry } from '@motley/run';
import { legacyTorchFile, pickle, pickled, sortedTable, varint } from '@motley/test-tools';
import type { SeedFile } from '../seed-file.ts';
import { withSafetensorsHeader, zipOf } from './containers.ts';

const { call, code, dictionary, global, list, tensor, text, tuple } = pickled;
const float32 = (...values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

/** A safetensors file of numbers by name. The header and the values change apart. */
export function safetensorsFiles(name: string, entries: ReadonlyMap<string, SafetensorsEntry>): SeedFile[] {
  const bytes = Buffer.from(encodeSafetensors(entries, { format: 'pt' }));
  const end = 8 + Number(bytes.readBigUInt64LE());
  const wrap = withSafetensorsHeader(bytes.subarray(end));
  return [{ name, content: bytes.subarray(8, end), structure: 'json', wrap }];
}

export const arrays: ReadonlyMap<string, SafetensorsEntry> = new Map<string, SafetensorsEntry>([
  ['0.weight', { dtype: 'F32', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ['0.bias', { dtype: 'F32', shape: [2], values: Float32Array.of(0.5, -0.5) }],
  ['steps', { dtype: 'I32', shape: [], values: Int32Array.of(7) }],
]);

/** The pickle of a state dict: two views of one storage, an ordered dictionary, and a number. */
const stateDict = (): Buffer =>
  pickle(
    dictionary(
      text('model'),
      call(
        global('collections', 'OrderedDict'),
        tuple(
          list(
            tuple(text('weight'), tensor('0', 6, [2, 3], [3, 1])),
            tuple(text('turned'), tensor('0', 6, [3, 2], [1, 3])),
          ),
        ),
      ),
      text('epoch'),
      code('K\u0007q\0'),
      text('again'),
      code('h\0'),
    ),
  );

/** PyTorch's archive. Its pickle and the archive around it change apart. */
export function torchArchive(): SeedFile[] {
  const wrap = (content: Buffer): Buffer =>
    zipOf(
      new Map([
        ['archive/data.pkl', content],
        ['archive/byteorder', Buffer.from('little')],
        ['archive/data/0', float32(1, 2, 3, 4, 5, 6)],
        ['archive/version', Buffer.from('3\n')],
      ]),
    );
  return [{ name: 'a.pth', content: stateDict(), structure: 'pickle', wrap }];
}

/** PyTorch's format before 1.6. */
export function legacyTorch(): SeedFile[] {
  const wrap = (content: Buffer): Buffer => legacyTorchFile(content, { 0: [1, 2, 3, 4, 5, 6] });
  return [{ name: 'a.pt', content: stateDict(), structure: 'pickle', wrap }];
}

/** A TensorFlow.js model with two shards, one of quantized weights. */
export function tfjsFiles(): SeedFile[] {
  const quantization = { dtype: 'uint8', scale: 0.1, min: -3 };
  const weightsManifest = [
    { paths: ['a.bin'], weights: [{ name: 'kernel', shape: [2, 2], dtype: 'float32' }] },
    { paths: ['b.bin'], weights: [{ name: 'bias', shape: [3], dtype: 'float32', quantization }] },
  ];
  const model = JSON.stringify({ format: 'layers-model', modelTopology: { keras_version: '2' }, weightsManifest });
  return [
    { name: 'model.json', content: Buffer.from(model), structure: 'json' },
    { name: 'a.bin', content: float32(1, 2, 3, 4), structure: 'bytes' },
    { name: 'b.bin', content: Buffer.of(1, 2, 3), structure: 'bytes' },
  ];
}

const integer = (field: number, value: number): Buffer => Buffer.concat([varint(8 * field), varint(value)]);
const message = (field: number, content: Buffer): Buffer =>
  Buffer.concat([varint(8 * field + 2), varint(content.length), content]);

/** TensorFlow's checkpoint of one variable [3]. The entry of the variable and the table around it change apart. */
export function tensorBundle(): SeedFile[] {
  const values = float32(1, 2, 3);
  const checksum = Buffer.from(Uint32Array.of(maskedCrc32c(values)).buffer);
  const shape = message(2, message(2, integer(1, 3)));
  const entry = Buffer.concat([integer(1, 1), shape, integer(5, 12), Buffer.of(0x35), checksum]);
  const wrap = (content: Buffer): Buffer =>
    sortedTable(
      [
        [Buffer.from(''), integer(1, 1)],
        [Buffer.from('layer/kernel/.ATTRIBUTES/VARIABLE_VALUE'), content],
      ],
      maskedCrc32c,
    );
  return [
    { name: 'x.index', content: entry, structure: 'bytes', wrap },
    { name: 'x.data-00000-of-00001', content: values, structure: 'bytes' },
  ];
}
