import { greater, greaterEqual, less, lessEqual, string, tensor, tensor1d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

describeNative('strings', () => {
  beforeAll(async () => {
    await register();
  });

  it('are ordered as JavaScript orders them, and broadcast', () => {
    const a = tensor(['', 'B', 'a', 'é', '\u{1F600}'], [5, 1], 'string');
    const b = tensor(['a', 'é', '\uFFFF'], [1, 3], 'string');
    const pairs = ['', 'B', 'a', 'é', '\u{1F600}'].flatMap((x) => ['a', 'é', '\uFFFF'].map((y) => [x, y] as const));
    const expected = (holds: (x: string, y: string) => boolean): number[] => pairs.map(([x, y]) => Number(holds(x, y)));
    expect([...greater(a, b).dataSync()]).toEqual(expected((x, y) => x > y));
    expect([...greaterEqual(a, b).dataSync()]).toEqual(expected((x, y) => x >= y));
    expect([...less(a, b).dataSync()]).toEqual(expected((x, y) => x < y));
    expect([...lessEqual(a, b).dataSync()]).toEqual(expected((x, y) => x <= y));
  });

  it('split and join strings that are too long to be stored inline', () => {
    const word = 'naïve'.repeat(20);
    const { values, indices, shape } = string.stringSplit([`${word} b`, '', 'c'], ' ');
    expect(values!.dataSync()).toEqual([word, 'b', 'c']);
    expect([...indices!.dataSync()]).toEqual([0, 0, 0, 1, 2, 0]);
    expect([...shape!.dataSync()]).toEqual([3, 2]);
    const splits = tensor1d([0, 2, 3], 'int32');
    const { nGrams } = string.stringNGrams([word, 'b', 'c'], splits, '|', [2], '<', '>', -1, false);
    expect(nGrams!.dataSync()).toEqual([`<|${word}`, `${word}|b`, 'b|>', '<|c', 'c|>']);
  });
});
