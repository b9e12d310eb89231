import { describe, expect, it } from 'vitest';
import { DATA_CLASSES, DATA_KINDS, labelTree } from './trees.ts';

describe('labelTree', () => {
  it.each(DATA_KINDS)('%s: has every class in one group, at one position', (kind) => {
    const { classNames, groupNames, members, groupOf, positionOf } = labelTree(kind, null);
    expect(members.flat().sort((a, b) => a - b)).toEqual(classNames.map((_, label) => label));
    expect(groupNames).toHaveLength(members.length);
    for (const label of classNames.keys()) expect(members[groupOf[label]!]![positionOf[label]!]).toBe(label);
  });

  it("has CIFAR-100's labels in the order of its files", () => {
    const { classNames, members, groupNames } = labelTree('cifar100', null);
    expect([classNames[0], classNames[41], classNames[99]]).toEqual(['apple', 'lawn_mower', 'worm']);
    expect(groupNames).toHaveLength(20);
    expect(members.every(({ length }) => length === 5)).toBe(true);
  });

  it("takes the user's groups", () => {
    const names = DATA_CLASSES.doodles.classNames;
    const { members, groupNames } = labelTree('doodles', { all: [...names].reverse() });
    expect([groupNames, members]).toEqual([['all'], [[7, 6, 5, 4, 3, 2, 1, 0]]]);
  });

  it.each([
    [{ a: ['0', 'ten'] }, 'expected classes of mnist (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), got "ten" in the group "a"'],
    [{ a: ['0', '1'], b: ['1'] }, 'expected every class in one group, got "1" in "a" and in "b"'],
    [{ a: ['0', '0'] }, 'expected every class in one group, got "0" in "a" and in "a"'],
    [
      { a: ['0'], b: ['1', '2', '3', '4', '5', '6'] },
      'expected every class in a group, got no group with "7", "8", "9"',
    ],
    [{ a: [] }, 'expected at least one class in the group "a", got none'],
    [{}, 'expected at least one group, got none'],
  ])('refuses groups that do not fit: %o', (groups, line) => {
    expect(() => labelTree('mnist', groups)).toThrow(`data.groups: ${line}`);
  });
});
