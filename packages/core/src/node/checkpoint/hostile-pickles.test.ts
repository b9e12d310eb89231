import { UserError } from '@motley/run';
import { legacyTorchFile, pickle, pickled } from '@motley/test-tools';
import { describe, expect, it } from 'vitest';
import { decodeTorchCheckpoint } from './torch.ts';

const { call, code, dictionary, global, int32, list, tensor, text, tuple } = pickled;

const repeated = (count: number, instructions: string): Buffer => code(instructions.repeat(count));

/** A tuple of two tuples of two tuples …: 2^levels empty ones, each level written as references to the one before. */
const doubling = (levels: number): Buffer => code(`)q\0${'h\0\u0086q\0'.repeat(levels)}`);

async function refused(body: Buffer, message: string | RegExp): Promise<void> {
  const found: unknown = await decodeTorchCheckpoint(legacyTorchFile(body), 'x.pth').catch((error: unknown) => error);
  expect(found).toBeInstanceOf(UserError);
  expect((found as Error).message).toMatch(message);
  expect((found as Error).message).toMatch(/^x\.pth: expected [^\n]{1,400}$/);
}

describe('pickles of endless work', () => {
  it.each([
    ['as the contents', pickle(doubling(34)), 'in proportion to the file'],
    ['as a persistent id', pickle(doubling(34), code('Q')), 'expected the storage of a tensor'],
    ['as a name', pickle(doubling(34), text('x'), code('\u0093')), /expected the name of a class, found \[\[\[/],
    ['as a callee', pickle(doubling(34), code(')R')), 'calls "something without a name"'],
    ['as something to append to', pickle(dictionary(), doubling(34), code('a')), 'expected a list to append to'],
    ['as a shape', pickle(call(global('torch._utils', '_rebuild_tensor'), tuple(doubling(34)))), 'expected a tensor'],
    ['as pairs', pickle(call(global('collections', 'OrderedDict'), tuple(doubling(34)))), 'found none'],
  ])('tuples doubled 34 times, %s', async (_, body, message) => {
    await refused(body, message);
  });

  it('tuples doubled 34 times, as keys of the storages and as the version', async () => {
    const file = legacyTorchFile(pickle(dictionary()));
    const start = file.subarray(0, -pickle(list()).length);
    await expect(decodeTorchCheckpoint(Buffer.concat([start, pickle(doubling(34))]), 'x.pth')).rejects.toThrow(
      /expected the (keys|\d* bytes)/,
    );
    const number = file.subarray(0, 15);
    await expect(decodeTorchCheckpoint(Buffer.concat([number, pickle(doubling(34))]), 'x.pth')).rejects.toThrow(
      /expected version 1001 of PyTorch's old format, found \[\[\[/,
    );
  });

  it('a dictionary of 100,000 pairs, made 3,000 times', async () => {
    const pairs = list(repeated(100_000, 'NN\u0086'));
    const dictionaries = repeated(3000, 'h\u0001h\0\u0085R');
    const memo = [pairs, code('q\0'), global('collections', 'OrderedDict'), code('q\u0001')];
    await refused(pickle(...memo, list(dictionaries)), 'expected a pickle in proportion to the file');
  });

  it('a shape of 100,000 axes in 10,000 tensors', async () => {
    const axes = tuple(repeated(100_000, 'K\u0001'));
    const shared = [axes, code('q\0'), global('torch._utils', '_rebuild_tensor'), code('q\u0001')];
    const tensors = repeated(10_000, 'h\u0001(NK\0h\0h\0tR');
    await refused(pickle(...shared, list(tensors)), /expected a (pickle in proportion|tensor)/);
  });

  it('a tensor at a million places with a long name', async () => {
    const entry = Buffer.concat([dictionary(text('k'.repeat(100_000)), tensor('0', 1, [1], [1])), code('q\0')]);
    const file = legacyTorchFile(pickle(list(entry, repeated(100_000, 'h\0'))), { 0: [1] });
    await expect(decodeTorchCheckpoint(file, 'x.pth')).rejects.toThrow(
      'x.pth: expected dictionaries of tensors in proportion to the file',
    );
  });

  it('a list nested deeper than any checkpoint', async () => {
    await refused(pickle(repeated(100_000, '('), code(')'), repeated(100_000, 't')), 'nested at most 64 levels deep');
  });
});

describe('tensors of endless size', () => {
  const huge = 2 ** 31 - 1;
  const read = (body: Buffer) => decodeTorchCheckpoint(legacyTorchFile(pickle(body), { 0: [1] }), 'x.pth');

  it('the product of a shape overflows', async () => {
    const shape = new Array<number>(40).fill(huge);
    const body = dictionary(text('w'), tensor('0', 1, shape, new Array<number>(40).fill(0)));
    await expect(read(body)).rejects.toThrow(
      'x.pth: expected tensors in proportion to the file: at most 67108864 bytes',
    );
  });

  it('a shape whose product is infinite times 0 does not lift the limit for the next tensor', async () => {
    const shape = [...new Array<number>(40).fill(huge), 0];
    const empty = tensor('0', 1, shape, new Array<number>(41).fill(0));
    const body = dictionary(text('a'), empty, text('b'), tensor('0', 1, [2 ** 29], [0]));
    await expect(read(body)).rejects.toThrow('expected tensors in proportion to the file');
    const { values } = (await read(dictionary(text('a'), empty))).get('a')!;
    expect(values.length).toBe(0);
  });

  it('more than 64 axes', async () => {
    const ones = new Array<number>(65).fill(1);
    await expect(read(dictionary(text('w'), tensor('0', 1, ones, ones)))).rejects.toThrow(
      'x.pth: expected a tensor of at most 64 axes, found 65',
    );
  });
});

describe('odd pickles', () => {
  const ordered = (...given: Buffer[]) => pickle(call(global('collections', 'OrderedDict'), tuple(...given)));
  it.each([
    [ordered(int32(7)), 'expected the pairs of a dictionary, found 7'],
    [ordered(list(int32(7))), 'expected the pairs of a dictionary, found [7]'],
    [ordered(list(tuple(text('a')))), 'expected the pairs of a dictionary, found [["a"]]'],
    [ordered(text('ab')), 'expected the pairs of a dictionary, found "ab"'],
    [pickle(int32(1), int32(2), code('\u0093')), 'expected the name of a class, found 1'],
    [pickle(code(`\u008a\u0009${'\u007f'.repeat(9)}`), int32(1), code('a')), 'expected a list to append to'],
    [pickle(list(code(`\u008a\u0009${'\u007f'.repeat(9)}`)), code('Q')), 'expected the storage of a tensor'],
  ])('are refused in one line (%#)', refused);

  it('a list of storages that is none', async () => {
    const file = legacyTorchFile(pickle(dictionary()));
    const start = file.subarray(0, -pickle(list()).length);
    await expect(decodeTorchCheckpoint(Buffer.concat([start, pickle(int32(3))]), 'x.pth')).rejects.toThrow(
      'x.pth: expected the keys of its storages, found 3',
    );
  });

  it('two tensors of one path are refused by both their paths', async () => {
    const one = () => tensor('0', 1, [1], [1]);
    const body = dictionary(text('a.b'), one(), text('a'), dictionary(text('b'), one()));
    await expect(decodeTorchCheckpoint(legacyTorchFile(pickle(body), { 0: [5] }), 'x.pth')).rejects.toThrow(
      'x.pth: expected one tensor "a.b", found two: ["a.b"] and ["a","b"]',
    );
  });

  it('a tensor named __proto__ is a tensor like any other', async () => {
    const body = dictionary(text('__proto__'), tensor('0', 1, [1], [1]));
    const read = await decodeTorchCheckpoint(legacyTorchFile(pickle(body), { 0: [5] }), 'x.pth');
    expect([...read.keys()]).toEqual(['__proto__']);
    expect(read.get('__proto__')!.values).toEqual(Float32Array.of(5));
  });
});
