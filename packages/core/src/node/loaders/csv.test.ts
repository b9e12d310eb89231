import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { column } from './csv-columns.ts';
import { loadCsv, readCsv, readCsvHeader, stackColumns } from './csv.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-csv-'));
  path = join(folder, 'people.csv');
});
afterEach(() => rm(folder, { recursive: true }));

const schema = { age: column.integer({ minimum: 0 }), name: column.text() };

describe('loadCsv', () => {
  it('reads typed columns in any order and ignores the rest', async () => {
    await writeFile(path, 'left,day,pay,other\nYes,2015-01-02, 4.5,x\nNo,2015-01-02 00:30:00,-1e3,"y,z"\n');
    const table = await loadCsv(path, {
      pay: column.number(),
      left: column.category({ categories: ['No', 'Yes'] }),
      day: column.date(),
    });
    expect(table).toEqual({
      rowCount: 2,
      columns: {
        pay: Float64Array.of(4.5, -1000),
        left: { codes: Int32Array.of(1, 0), categories: ['No', 'Yes'] },
        day: Float64Array.of(Date.UTC(2015, 0, 2), Date.UTC(2015, 0, 2, 0, 30)),
      },
    });
  });

  it('accepts a byte order mark, CRLF, quoted line breaks, doubled quotes and blank lines', async () => {
    await writeFile(path, '\uFEFFage,name\r\n1,"a ""b""\r\nc"\r\n\r\n2,Zoë\r\n');
    const { columns } = await loadCsv(path, schema);
    expect(columns).toEqual({ age: Float64Array.of(1, 2), name: ['a "b"\r\nc', 'Zoë'] });
  });

  it('takes an empty row of one column as a missing value, except at the end', async () => {
    await writeFile(path, 'pay\n1\n\n2\n\n\n');
    const { columns, rowCount } = await loadCsv(path, { pay: column.number({ allowMissing: true }) });
    expect([[...columns.pay], rowCount]).toEqual([[1, NaN, 2], 3]);
    await expect(loadCsv(path, { pay: column.number() })).rejects.toThrow(
      new UserError(`${path}: row 3, column "pay": expected a number, found a missing value ("")`),
    );
    await writeFile(path, 'pay\n\n');
    await expect(loadCsv(path, { pay: column.number() })).rejects.toThrow('expected at least one row of values');
  });

  it('sorts categories that were not given, and accepts missing values on request', async () => {
    await writeFile(path, 'pay,team\n1,zebra\nNA,ant\n,\nNaN,zebra\n');
    const { columns } = await loadCsv(path, {
      pay: column.number({ allowMissing: true }),
      team: column.category({ allowMissing: true }),
    });
    expect([...columns.pay]).toEqual([1, NaN, NaN, NaN]);
    expect(columns.team).toEqual({ codes: Int32Array.of(1, 0, -1, 1), categories: ['ant', 'zebra'] });
  });

  it('reads dates with time zones and refuses invalid days', async () => {
    await writeFile(path, '2014-01-31T23:30+11:00\n2016-02-29\n');
    const { columns } = await loadCsv(path, { day: column.date() }, { header: false });
    expect([...columns.day]).toEqual([Date.UTC(2014, 0, 31, 12, 30), Date.UTC(2016, 1, 29)]);
    for (const day of ['2015-02-29', '2015-13-01', '2015-01-01 24:61', '1/2/2015']) {
      await writeFile(path, `${day}\n`);
      await expect(loadCsv(path, { day: column.date() }, { header: false })).rejects.toThrow(
        new UserError(`${path}: row 1, column "day": expected a date (2014-01-31 23:30:00), found "${day}"`),
      );
    }
  });

  const cases: readonly (readonly [string, string | Buffer, string])[] = [
    ['an empty file', '', 'expected a CSV table, found an empty file'],
    ['a header alone', 'age,name\n', 'expected at least one row of values, found none'],
    ['a wrong type', 'age,name\n1,a\n\n1.5,b\n', 'row 4, column "age": expected an integer of at least 0, found "1.5"'],
    ['a value out of range', 'age,name\n-1,a\n', 'row 2, column "age": expected an integer of at least 0, found "-1"'],
    [
      'an inexact integer',
      'age,name\n9007199254740993,a\n',
      'row 2, column "age": expected an integer of at least 0, found "9007199254740993"',
    ],
    [
      'NaN',
      'age,name\n1,a\nNaN,b\n',
      'row 3, column "age": expected an integer of at least 0, found a missing value ("NaN")',
    ],
    [
      'a missing value',
      'age,name\n,a\n',
      'row 2, column "age": expected an integer of at least 0, found a missing value ("")',
    ],
    ['infinity', 'age,name\nInfinity,a\n', 'row 2, column "age": expected an integer of at least 0, found "Infinity"'],
    ['a truncated row', 'age,name\n1,a\n2', 'row 3: expected 2 fields, found 1'],
    ['a long row', 'age,name\n1,a,b\n', 'row 2: expected 2 fields, found 3'],
    [
      'a repeated header',
      'age,name,age\n1,a,2\n',
      'row 1: expected every column name once, found "age" in columns 1 and 3',
    ],
    ['a missing column', 'Age,name\n1,a\n', 'row 1: expected a column "age", found none; did you mean "Age"?'],
    ['another delimiter', 'age;name\n1;a\n', 'row 1: expected columns between ",", found them between ";"'],
    ['an open quote', 'age,name\n1,a\n2,"b\n', 'row 3: expected a closing quote, found the end of the file'],
    [
      'a stray quote',
      'age,name\n1,a"b\n',
      'row 2: expected quotes around a whole field or doubled within one, found one in the middle of a field',
    ],
    [
      'text after a quote',
      'age,name\n1,"a"b\n',
      'row 2: expected a delimiter or the end of the row after a closing quote, found other text',
    ],
    [
      'a huge row',
      `age,name\n1,"${'x'.repeat(2 ** 20 + 1)}"\n`,
      'row 2: expected at most 1048576 bytes, found more (is a quote not closed?)',
    ],
    ['Latin-1', Buffer.from('age,name\n1,Zo\xeb\n', 'latin1'), 'byte 13: expected UTF-8, found 0xeb'],
    [
      'UTF-16',
      Buffer.from('\uFEFFage,name\n', 'utf16le'),
      'byte 0: expected UTF-8, found the byte order mark of UTF-16',
    ],
    ['a character cut off', Buffer.from('age,name\n1,Zoë').subarray(0, -1), 'byte 13: expected UTF-8, found 0xc3'],
  ];
  it.each(cases)('refuses %s', async (_, content, message) => {
    await writeFile(path, content);
    await expect(loadCsv(path, schema)).rejects.toThrow(new UserError(`${path}: ${message}`));
  });

  it('refuses unknown categories, oversized files and folders', async () => {
    await writeFile(path, 'left\nYes\nMaybe\n');
    const categories = { left: column.category({ categories: ['No', 'Yes'] }) };
    await expect(loadCsv(path, categories)).rejects.toThrow(
      new UserError(`${path}: row 3, column "left": expected one of "No", "Yes", found "Maybe"`),
    );
    await expect(loadCsv(path, categories, { maxBytes: 14 })).rejects.toThrow(
      new UserError(`${path}: expected a CSV table of at most 14 bytes, found 15`),
    );
    await expect(loadCsv(folder, schema)).rejects.toThrow(
      new UserError(`${folder}: expected a CSV table, found: it is a folder, not a file`),
    );
    await expect(loadCsv(join(folder, 'none.csv'), schema)).rejects.toThrow('no such file or folder');
  });
});

describe('readCsv', () => {
  it('gives a file in chunks with continuous row numbers', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `${index},é${index}`);
    await writeFile(path, `age,name\n${rows.join('\n')}\n`);
    const counts: number[] = [];
    let next = 0;
    for await (const { rowCount, columns } of readCsv(path, schema, { rowsPerChunk: 4096 })) {
      counts.push(rowCount);
      for (const [index, age] of columns.age.entries()) {
        expect(age).toBe(next);
        expect(columns.name[index]).toBe(`é${next++}`);
      }
    }
    expect(counts).toEqual([4096, 4096, 1808]);
    await writeFile(path, `age,name\n${rows.join('\n')}\nold,z`);
    const reading = readCsv(path, schema, { rowsPerChunk: 4096 });
    for (let part = 0; part < 2; part++) expect((await reading.next()).done).toBe(false);
    await expect(reading.next()).rejects.toThrow(
      'row 10002, column "age": expected an integer of at least 0, found "old"',
    );
  });

  it('stops reading when the reader stops, and requires categories in advance', async () => {
    await writeFile(path, `age,name\n${'1,a\n'.repeat(100_000)}broken`);
    for await (const { rowCount } of readCsv(path, schema, { rowsPerChunk: 1 })) {
      expect(rowCount).toBe(1);
      break;
    }
    await expect(readCsv(path, { name: column.category() }).next()).rejects.toThrow(
      'readCsv: expected the categories of column "name"',
    );
  });
});

it('reads the column names alone', async () => {
  await writeFile(path, '\uFEFFage; name\n1;2;3\n');
  expect(await readCsvHeader(path, { delimiter: ';' })).toEqual(['age', 'name']);
  await writeFile(path, '');
  await expect(readCsvHeader(path)).rejects.toThrow(
    new UserError(`${path}: expected a CSV table, found an empty file`),
  );
  await writeFile(path, 'age,age');
  await expect(readCsvHeader(path)).rejects.toThrow('expected every column name once, found "age" in columns 1 and 2');
});

it('stacks columns as rows of float32', () => {
  expect(stackColumns([Float64Array.of(1, 2), [3, 4]])).toEqual(Float32Array.of(1, 3, 2, 4));
  expect(() => stackColumns([[1], [1, 2]])).toThrow('stackColumns: expected 1 rows, got 2 in 1');
});
