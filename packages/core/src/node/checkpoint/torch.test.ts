import { existsSync } from 'node:fs';
import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import reference from './torch.reference.json' with { type: 'json' };
import { decodeTorchCheckpoint } from './torch.ts';

type Described = Readonly<Record<string, { readonly shape: number[]; readonly values: (number | string | boolean)[] }>>;

const bytesOf = (encoded: string) => Buffer.from(encoded, 'base64');
const files = Object.fromEntries(Object.entries(reference.files).map(([name, file]) => [name, bytesOf(file)]));
const state = reference.stateDict as Described;
const tensors = reference.tensors as Described;

async function expectTensors(file: Buffer, expected: Described, prefix = ''): Promise<void> {
  const read = await decodeTorchCheckpoint(file, 'x.pth');
  for (const [name, { shape, values }] of Object.entries(expected)) {
    const entry = read.get(prefix + name)!;
    expect(entry.shape, name).toEqual(shape);
    expect(Array.from(entry.values, Number), name).toEqual(values.map((value) => Math.fround(Number(value))));
  }
}

describe('PyTorch checkpoints', () => {
  it.each(['stateDict', 'legacy'])('reads a state dict, %s', async (name) => {
    await expectTensors(files[name]!, state);
    expect([...(await decodeTorchCheckpoint(files[name]!, 'x.pth')).keys()]).toEqual(Object.keys(state));
  });

  it('reads every dtype, and strided, shared and empty tensors', async () => {
    await expectTensors(files.tensors!, tensors);
    const read = await decodeTorchCheckpoint(files.tensors!, 'x.pth');
    expect(read.get('int64')!.values).toEqual(BigInt64Array.of(2n ** 40n, -7n));
    expect(read.get('bool')!.dtype).toBe('BOOL');
    expect(read.get('float16')!.dtype).toBe('F32');
  });

  it('reads the format before PyTorch 1.6', async () => {
    const { empty, ...rest } = tensors;
    expect(empty).toBeDefined(); // This format does not write its storage.
    await expectTensors(files.legacyTensors!, rest);
  });

  it('reads a training checkpoint with numbers, sets, dtypes and devices', async () => {
    await expectTensors(files.nested!, state, 'model.');
    const names = [...(await decodeTorchCheckpoint(files.nested!, 'x.pth')).keys()];
    expect(names).toEqual(expect.arrayContaining(['model.0.weight', 'optimizer.state.0.exp_avg']));
  });
});

describe('files that are no checkpoint', () => {
  it.each([
    ['module', 'a pickle that mentions "torch.nn.modules.container.Sequential", which is refused'],
    ['os.system', 'a pickle that mentions "posix.system", which is refused'],
    ['eval', 'a pickle that mentions "builtins.eval", which is refused'],
    ['getattr', 'a pickle that mentions "__builtin__.getattr", which is refused'],
    ['protocol 0', 'a pickle that mentions "posix.system", which is refused'],
    ['compressed', 'expected files stored as torch.save does, found "archive/data.pkl" compressed'],
    ['bare pickle', 'expected what torch.save writes, found another pickle'],
  ] as const)('%s is refused in one line, and nothing of it runs', async (name, message) => {
    const file = bytesOf(reference.refused[name]);
    await expect(decodeTorchCheckpoint(file, 'x.pth')).rejects.toThrow(UserError);
    await expect(decodeTorchCheckpoint(file, 'x.pth')).rejects.toThrow(message);
    await expect(decodeTorchCheckpoint(file, 'x.pth')).rejects.toThrow(/^x\.pth: expected [^\n]+$/);
    expect(existsSync('/tmp/motley-was-here')).toBe(false);
  });

  it.each(['stateDict', 'legacy'])('every truncation of %s is refused', async (name) => {
    const whole = files[name]!;
    for (let length = 0; length < whole.length; length += 7)
      await expect(decodeTorchCheckpoint(whole.subarray(0, length), 'x.pth'), `${length}`).rejects.toThrow(UserError);
  });

  it.each(['stateDict', 'legacy'])('every changed byte of %s gives values or a one-line error', async (name) => {
    for (let position = 0; position < 900; position++) {
      const damaged = Buffer.from(files[name]!);
      damaged[position]! ^= 0x5a;
      const result: unknown = await decodeTorchCheckpoint(damaged, 'x.pth').catch((error: unknown) => error);
      if (!(result instanceof Map)) expect(result, `byte ${position}`).toBeInstanceOf(UserError);
    }
  });

  const legacy = (body: Buffer) =>
    Buffer.concat([files.legacy!.subarray(0, 137), body, Buffer.from('8002 5d 2e'.replaceAll(' ', ''), 'hex')]);
  it('refuses a small file that would expand to gigabytes', async () => {
    // A view of shape [2³⁰] and stride 0 over a storage of one value.
    const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
    const storage = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\u0001tQ`;
    const size = 'J\0\0\0@\u0085';
    const tensor = `ctorch._utils\n_rebuild_tensor_v2\n(${storage}K\0${size}K\0\u0085\u0089}tR`;
    const body = Buffer.from(`\u0080\u0002}${text('w')}${tensor}s.`, 'latin1');
    const file = Buffer.concat([
      files.legacy!.subarray(0, 137),
      body,
      Buffer.from(`\u0080\u0002]${text('0')}a.`, 'latin1'),
      Buffer.from('010000000000000000008040', 'hex'),
    ]);
    await expect(decodeTorchCheckpoint(file, 'x.pth')).rejects.toThrow(
      'expected tensors in proportion to the file: at most 67108864 bytes, found more',
    );
  });

  it('reading a list that contains itself terminates', async () => {
    const file = legacy(Buffer.from('\u0080\u0002]q\0h\0a.', 'latin1'));
    await expect(decodeTorchCheckpoint(file, 'x.pth')).rejects.toThrow(
      'expected dictionaries of tensors nested at most 64 levels deep',
    );
  });
});
