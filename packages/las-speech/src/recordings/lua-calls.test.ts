import { RandomNumbers, UserError } from '@motley/run';
import { expect, it } from 'vitest';
import { parseLuaCalls } from './lua-calls.ts';

it('reads calls with texts, over lines, between comments', () => {
  const source = `-- a comment
dialogId("a-1", 'font_big',
  "He said \\"no\\".\\n")
--[[ more
than a line ]] dialogStr([[
raw "text"]]); none()
dialogStr("\\65\\x42\\z")--end`;
  expect(parseLuaCalls(source, 'a.lua')).toEqual([
    { name: 'dialogId', texts: ['a-1', 'font_big', 'He said "no".\n'], line: 2 },
    { name: 'dialogStr', texts: ['raw "text"'], line: 5 },
    { name: 'none', texts: [], line: 6 },
    { name: 'dialogStr', texts: ['ABz'], line: 7 },
  ]);
  expect(parseLuaCalls(' \n', 'a.lua')).toEqual([]);
});

it.each([
  ['x = 1', 'line 1: expected "(", found "= 1"'],
  ['\n\n("a")', 'line 3: expected the name of a function, found "(\\"a\\")"'],
  ['a("b" "c")', 'line 1: expected ",", found "\\"c\\")"'],
  ['a("b" .. c)', 'line 1: expected ",", found ".. c)"'],
  ['a("b\n")', 'line 1: expected a text in quotes, found "\\"b\\n\\")"'],
  ['a("b",\n', 'line 2: expected a text in quotes, found the end of the file'],
  ['a(os.execute("b"))', 'line 1: expected a text in quotes, found "os.execute(\\"b\\"))"'],
  ['--[[ open', 'line 1: expected the name of a function, found "--[[ open"'],
])('refuses %j', (source, message) => {
  expect(() => parseLuaCalls(source, 'a.lua')).toThrow(new UserError(`a.lua: ${message}`));
});

it('reads tables with random damage, or refuses them in one line', () => {
  const good = 'dialogId("a-1", "font_big", "It\'s \\"so\\".")\n-- b\n--[[ c ]]\ndialogStr([[é\n]], \'d\');\n';
  const pieces = ['"', "'", '[[', ']]', '--', '--[[', '\\', '\n', '(', ')', ',', ';', '\0', '"'.repeat(99), ''];
  const random = RandomNumbers.fromSeed(1);
  const counts = { read: 0, refused: 0 };
  for (let index = 0; index < 500; index++) {
    const [at, end, piece] = random.integers(3, 0, good.length);
    const source = good.slice(0, at) + pieces[piece! % pieces.length]! + good.slice(end);
    try {
      parseLuaCalls(source, 'a.lua');
      counts.read++;
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(/^a\.lua: line \d+: expected .{1,60}, found .{1,100}$/);
      counts.refused++;
    }
  }
  expect(counts.read).toBeGreaterThan(10);
  expect(counts.refused).toBeGreaterThan(300);
});
