import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FACE_DIMENSIONS } from '@motley/core/generators';
import { UserError } from '@motley/run';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { config } from '../config.ts';
import { loadData } from '../data.ts';
import { listPeople, parseLandmarks } from './folders.ts';
import { orlFaces, orlFolder } from './orl.ts';
import { parsePairsFile } from './pairs-file.ts';
import { type FacePictures, picturesAt, squareAt } from './people.ts';

const small = config.resolve({
  set: [
    'data.people=5',
    'data.picturesPerPerson=3',
    'data.validationPeople=2',
    'data.testPeople=3',
    'data.testPictures=2',
    'data.size=32',
  ],
});

/** A gray picture of 8 × 8 pixels of one level. */
const pgm = (level: number) => Buffer.concat([Buffer.from('P5 8 8 255\n'), Buffer.alloc(64, level)]);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'motley-people-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A folder of people, with as many pictures each; gray levels 20 · person + picture. */
async function folderOf(name: string, counts: Readonly<Record<string, number>>, files: Record<string, string> = {}) {
  const folder = join(root, name);
  for (const [place, [person, count]] of Object.entries(counts).entries()) {
    await mkdir(join(folder, person), { recursive: true });
    for (let picture = 1; picture <= count; picture++)
      await writeFile(
        join(folder, person, `${person}_${String(picture).padStart(4, '0')}.pgm`),
        pgm(20 * place + picture),
      );
  }
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
  return folder;
}

describe('drawn people', () => {
  it('are others in each part, with other pictures of the trained ones held out', async () => {
    const data = await loadData(small, undefined);
    const training = await data.readTraining();
    expect(await data.readTraining()).toBe(training);
    const { heldOut, validation, test } = data;
    expect([training, heldOut!, validation!, test].map(({ people }) => people.length)).toEqual([15, 10, 4, 6]);
    expect(training.names).toEqual(heldOut!.names);
    expect([...training.names, ...validation!.names, ...test.names]).toEqual(
      Array.from({ length: 10 }, (_, person) => `person ${person}`),
    );
    const files = [training, heldOut!, validation!, test].flatMap((part) => part.files);
    expect(new Set(files).size).toBe(files.length);
    expect(training.size).toBe(24);
    expect(training.drawn!.traits).toHaveLength(15 * FACE_DIMENSIONS);
    expect(data.deviation).toBe(0.5);
  });

  it('are the same for the same seed, and stop where they are told to', async () => {
    const [first, second] = [await loadData(small, undefined), await loadData(small, undefined)];
    expect(first.test).toEqual(second.test);
    const stopped = new AbortController();
    stopped.abort(new Error('stopped'));
    const many = config.resolve({ set: ['data.people=100', 'data.size=22', 'data.heldOutPictures=1'] });
    await expect(loadData(many, undefined, { signal: stopped.signal })).rejects.toThrow('stopped');
  });

  it('are refused where they are too small for the network, or too many', async () => {
    const narrow = config.resolve({ set: ['data.size=32', 'model.stemStride=4'] });
    await expect(loadData(narrow, undefined)).rejects.toThrow(
      new UserError('data.size: expected faces of at least 32 pixels for model.stemStride 4, got 24, aligned from 32'),
    );
    const huge = config.resolve({ set: ['data.people=1000000', 'data.picturesPerPerson=1000'] });
    await expect(loadData(huge, undefined)).rejects.toThrow('expected pictures of at most 4294967296 bytes');
  });
});

it('picturesAt keeps what belongs to each picture', async () => {
  const { test } = await loadData(small, undefined);
  const chosen = picturesAt(test, [4, 1]);
  expect([...chosen.people]).toEqual([2, 0]);
  expect(squareAt(chosen, 0)).toEqual(squareAt(test, 4));
  expect(chosen.files).toEqual([test.files[4], test.files[1]]);
  expect(chosen.drawn!.traits.subarray(0, 16)).toEqual(test.drawn!.traits.subarray(64, 80));
  expect(chosen.drawn!.nuisances[1]).toBe(test.drawn!.nuisances[1]);
});

const levels = ({ squares, size }: FacePictures) =>
  Array.from({ length: squares.length / (size * size * 3) }, (_, place) => squares[place * size * size * 3]);

describe('folders', () => {
  const counts = { s1: 3, s2: 3, s10: 2, s3: 2 };

  it('are people in the order of their numbers, of whom the last test', async () => {
    const folder = await folderOf('plain', counts, { 'notes.txt': 'passed over' });
    const listed = await listPeople(folder);
    expect(listed.names).toEqual(['s1', 's2', 's3', 's10']);
    expect(listed.files[2]).toEqual(['s3/s3_0001.pgm', 's3/s3_0002.pgm']);
    const settings = config.resolve({ set: ['data.heldOutPictures=1', 'data.size=22'] });
    const { trainedPeople, readTraining, heldOut, validation, test, folds } = await loadData(settings, folder);
    expect(trainedPeople).toBe(2);
    expect(levels(await readTraining())).toEqual([1, 2, 21, 22]);
    expect(levels(heldOut!)).toEqual([3, 23]);
    expect(validation).toBeUndefined();
    expect(test.names).toEqual(['s3', 's10']);
    expect(levels(test)).toEqual([61, 62, 41, 42]);
    expect(folds).toBeUndefined();
  });

  it('set a fifth of the people who train aside, to set the threshold', async () => {
    const folder = await folderOf(
      'ten',
      Object.fromEntries(Array.from({ length: 10 }, (_, person) => [`p${person}`, 2])),
    );
    const settings = config.resolve({ set: ['data.size=22'] });
    const { trainedPeople, validation, test } = await loadData(settings, folder);
    expect([trainedPeople, validation!.names, test.names.length]).toEqual([4, ['p4'], 5]);
  });

  it('test the pairs of a pairs file, and train on the others', async () => {
    const pairs = '1 1\ns2 1 3\ns2 2 s10 1\n';
    const folder = await folderOf('pairs', counts, { 'pairs.txt': pairs });
    const settings = config.resolve({ set: ['data.size=22'] });
    const { test, folds, readTraining } = await loadData(settings, folder);
    expect(test.names).toEqual(['s2', 's10']);
    expect(folds).toEqual([{ same: [[0, 2]], different: [[1, 3]] }]);
    expect((await readTraining()).names).toEqual(['s1', 's3']);
    await writeFile(join(folder, 'pairs.txt'), '1 1\ns2 1 9\ns2 2 s10 1\n');
    await expect(loadData(settings, folder)).rejects.toThrow('expected pictures of the folder, found s2 9');
    await writeFile(join(folder, 'pairs.txt'), '1 1\nJo 1 2\ns2 2 s10 1\n');
    await expect(loadData(settings, folder)).rejects.toThrow('expected people with a folder, found "Jo"');
  });

  it('name what is missing', async () => {
    await expect(listPeople(join(root, 'none'))).rejects.toThrow("expected a folder of people's folders, found:");
    const alone = await folderOf('alone', { one: 2 });
    const outside = await folderOf('outside', { x: 1 });
    await symlink(join(outside, 'x'), join(alone, 'linked'));
    await expect(listPeople(alone)).rejects.toThrow(
      new UserError(
        `${alone}: expected folders of JPEG, PNG or PGM pictures, one for each of two people or more, found 1`,
      ),
    );
  });
});

describe('parseLandmarks', () => {
  it('reads ten numbers for each picture', () => {
    const table = parseLandmarks('file,a,b,c,d,e,f,g,h,i,j\r\ns1/1.pgm, 1,2,3,4,5,6,7,8,9,10.5\n\n', 'x.csv');
    expect([...table]).toEqual([
      [
        's1/1.pgm',
        [
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
          [9, 10.5],
        ],
      ],
    ]);
  });

  it.each(['a.png,1,2,3', 'a.png,1,2,3,4,5,6,7,8,9,x', 'a.png,1,2,3,4,5,6,7,8,9,', 'a.png,1,2,3,4,5,6,7,8,9,1e999'])(
    'refuses %s',
    (line) => {
      expect(() => parseLandmarks(`b.png,1,2,3,4,5,6,7,8,9,10\n${line}`, 'x.csv')).toThrow(
        new UserError(`x.csv:2: expected a path and ten numbers, found "${line}"`),
      );
    },
  );
});

describe('parsePairsFile', () => {
  it("reads LFW's folds", () => {
    const text = '2\t1\nJo\t1\t4\nJo\t2\tAl_Roe\t1\nAl_Roe\t1\t2\nJo\t3\tMo\t11\n';
    const jo = (number: number) => ({ name: 'Jo', number });
    const al = (number: number) => ({ name: 'Al_Roe', number });
    expect(parsePairsFile(text, 'pairs.txt')).toEqual([
      { same: [[jo(1), jo(4)]], different: [[jo(2), al(1)]] },
      { same: [[al(1), al(2)]], different: [[jo(3), { name: 'Mo', number: 11 }]] },
    ]);
  });

  it.each([
    ['', ':1: expected the number of folds and of pairs of each kind, found ""'],
    ['9999999 9999999', ':1: expected the number of folds and of pairs of each kind, found "9999999 9999999"'],
    ['1 1\nJo 1', ':2: expected pictures of one person, found "Jo 1"'],
    ['1 1\nJo 1 2\nJo 1 2', ':3: expected pictures of two people, found "Jo 1 2"'],
    ['1 1\n../up 1 2', ':2: expected names of people, each with a number from 1, found "../up 1 2"'],
    ['1 1\nJo 1 0', ':2: expected names of people, each with a number from 1, found "Jo 1 0"'],
    ['1 2\nJo 1 2', ':3: expected pictures of one person, found ""'],
  ])('refuses %j', (text, line) => {
    expect(() => parsePairsFile(text, 'pairs.txt')).toThrow(new UserError(`pairs.txt${line}`));
  });
});

describe('ORL', () => {
  beforeEach(() => {
    vi.stubEnv('MOTLEY_CACHE', join(root, 'cache'));
    return () => vi.unstubAllEnvs();
  });

  it('is 400 pictures of 40 people, each under a path of its own', () => {
    const paths = orlFaces.files.map(({ name, path }) => path ?? name);
    expect(new Set(paths).size).toBe(401);
    expect(paths.filter((path) => /^ORL_faces\/s([1-9]|[1-3]\d|40)\/([1-9]|10)\.pgm$/.test(path))).toHaveLength(400);
    for (const { sha256, bytes } of orlFaces.files) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(bytes).toBeGreaterThan(0);
    }
  });

  it('names the command that fetches it', () => {
    expect(() => orlFolder()).toThrow(
      'data.source: expected the ORL Database of Faces, by AT&T Laboratories Cambridge, found none in the cache; run `pnpm --filter face-verification run fetch`',
    );
  });
});
