import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCoco } from './coco.ts';
import { loadPascalVoc } from './pascal-voc.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-boxes-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('loadPascalVoc', () => {
  const object = (name: string, box: readonly number[], extra = '') =>
    `<object><name>${name}</name><pose>Left</pose>${extra}<bndbox><xmin>${box[0]!}</xmin><ymin>${box[1]!}</ymin><xmax>${box[2]!}</xmax><ymax>${box[3]!}</ymax></bndbox></object>`;
  const annotation = (filename: string, ...objects: string[]) =>
    `<?xml version="1.0"?>\n<annotation>\n  <folder>VOC2012</folder><filename>${filename}</filename>\n  <size><width>500</width><height>375</height><depth>3</depth></size>\n  ${objects.join('\n')}\n</annotation>\n`;
  let file: string;
  beforeEach(async () => {
    for (const name of ['Annotations', 'JPEGImages', 'ImageSets/Main'])
      await mkdir(join(folder, name), { recursive: true });
    for (const name of ['1.jpg', '2.jpg', 'a & b.jpg']) await writeFile(join(folder, 'JPEGImages', name), '');
    file = join(folder, 'Annotations/1.xml');
  });

  it('reads boxes including their last pixel', async () => {
    const part =
      '<part><name>head</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>20</xmax><ymax>20</ymax></bndbox></part>';
    await writeFile(
      file,
      annotation(
        '1.jpg',
        object('dog', [1, 1, 500, 375]),
        object('cat', [48.5, 240, 195, 371], `<difficult>1</difficult>${part}`),
      ),
    );
    await writeFile(join(folder, 'Annotations/2.xml'), annotation('a &amp; b.jpg'));
    expect(await loadPascalVoc(folder)).toEqual({
      classes: ['cat', 'dog'],
      images: [
        {
          path: join(folder, 'JPEGImages/1.jpg'),
          height: 375,
          width: 500,
          boxes: [
            { label: 1, left: 0, top: 0, right: 500, bottom: 375, isIgnored: false },
            { label: 0, left: 47.5, top: 239, right: 195, bottom: 371, isIgnored: true },
          ],
        },
        { path: join(folder, 'JPEGImages/a & b.jpg'), height: 375, width: 500, boxes: [] },
      ],
    });
    const fromZero = await loadPascalVoc(folder, { firstPixel: 0, classes: ['dog', 'cat'] });
    expect(fromZero.images[0]!.boxes[0]).toEqual({
      label: 0,
      left: 1,
      top: 1,
      right: 500,
      bottom: 375,
      isIgnored: false,
    });
  });

  it('reads the images of a split in its order', async () => {
    await writeFile(file, annotation('1.jpg', object('dog', [1, 1, 9, 9])));
    await writeFile(join(folder, 'Annotations/2.xml'), annotation('2.jpg', object('dog', [1, 1, 9, 9])));
    await writeFile(join(folder, 'ImageSets/Main/train.txt'), '2  1\n1 -1\n');
    const { images } = await loadPascalVoc(folder, { split: 'train' });
    expect(images.map(({ path }) => path)).toEqual([
      join(folder, 'JPEGImages/2.jpg'),
      join(folder, 'JPEGImages/1.jpg'),
    ]);
    await writeFile(join(folder, 'ImageSets/Main/train.txt'), '../../secret\n');
    await expect(loadPascalVoc(folder, { split: 'train' })).rejects.toThrow(/secret\.xml: expected a path within/);
  });

  const box = (box: readonly number[]) => annotation('1.jpg', object('dog', [1, 1, 9, 9]), object('dog', box));
  it.each([
    ['no XML', 'not XML at all', 'expected XML, found: Root element is missing or invalid (line 1, column 1)'],
    ['an empty file', '', 'expected XML, found: Root element is missing or invalid (line 1, column 1)'],
    [
      'truncated XML',
      annotation('1.jpg').slice(0, -16),
      'expected XML, found: Missing end tag for element annotation (line 4, column 70)',
    ],
    [
      'an external entity',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>',
      "expected XML, found: Named entity isn't defined: &x; (line 1, column 67)",
    ],
    [
      'XML of another schema',
      '<html/>',
      'expected a Pascal VOC annotation, found at annotation: Invalid input: expected object, received undefined',
    ],
    [
      'an invalid number',
      annotation('1.jpg').replace('375', 'tall'),
      'expected a Pascal VOC annotation, found at annotation.size.height: Invalid input: expected number, received NaN',
    ],
    [
      'an empty number',
      annotation('1.jpg', object('dog', [1, 1, 9, 9]).replace('<ymin>1</ymin>', '<ymin/>')),
      'expected a Pascal VOC annotation, found at annotation.object[0].bndbox.ymin: Too small: expected string to have >=1 characters',
    ],
    [
      'an unknown class',
      annotation('1.jpg', object('dgo', [1, 1, 9, 9])),
      'object 1: expected a known class, found "dgo"; did you mean "dog"?',
    ],
    [
      'a box outside the picture',
      box([1, 1, 520, 9]),
      'object 2: expected a box with an area within the picture of 500 × 375 pixels, found left 0, top 0, right 520, bottom 9',
    ],
    [
      'a box without area',
      box([9, 1, 5, 9]),
      'object 2: expected a box with an area within the picture of 500 × 375 pixels, found left 8, top 0, right 5, bottom 9',
    ],
    [
      'a missing picture',
      annotation('none.jpg'),
      'FOLDER/JPEGImages/none.jpg: expected a file or folder, found: no such file or folder',
    ],
    [
      'a picture outside the folder',
      annotation('../Annotations/1.xml'),
      'expected a path within FOLDER/JPEGImages, found "../Annotations/1.xml"',
    ],
    ['an absolute path', annotation('/etc/passwd'), 'expected a path within FOLDER/JPEGImages, found "/etc/passwd"'],
    [
      'a path with a line break',
      annotation('a&#10;b'),
      'FOLDER/JPEGImages/a\\nb: expected a file or folder, found: no such file or folder',
    ],
    [
      'elements nested without end',
      `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`,
      'expected XML, found: elements nested without end',
    ],
    [
      'deep elements',
      `<annotation>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</annotation>`,
      'expected an annotation in XML nested at most 64 levels deep, found more',
    ],
    [
      'a million elements',
      `<annotation>${'<a/>'.repeat(1_000_000)}</annotation>`,
      'expected an annotation in XML in proportion to the file: at most 67108864 bytes, found more',
    ],
    [
      '100,000 empty objects',
      annotation('1.jpg', '<object/>'.repeat(100_000)),
      'expected a Pascal VOC annotation, found at annotation.object[0]: Invalid input: expected object, received string',
    ],
  ])('refuses %s', async (_, content, message) => {
    await writeFile(file, content);
    await expect(loadPascalVoc(folder, { classes: ['dog'] })).rejects.toThrow(
      new UserError(`${file}: ${message.replaceAll('FOLDER', folder)}`),
    );
  });

  it('reads 20,000 objects of 1,000 classes in one pass', async () => {
    const objects = Array.from({ length: 20_000 }, (_, index) => object(`c${index % 1000}`, [1, 1, 9, 9]));
    await writeFile(file, annotation('1.jpg', objects.join('')));
    const { classes, images } = await loadPascalVoc(folder);
    expect(classes.length).toBe(1000);
    expect(images[0]!.boxes[999]!.label).toBe(classes.indexOf('c999'));
    expect(images[0]!.boxes.length).toBe(20_000);
  });

  it('skips bad boxes on request, and refuses links out of the folder, other encodings and missing annotations', async () => {
    await writeFile(file, box([1, 1, 520, 9]));
    expect((await loadPascalVoc(folder, { skipBadBoxes: true })).images[0]!.boxes.length).toBe(1);
    await symlink('/etc/hostname', join(folder, 'JPEGImages/link.jpg'));
    await writeFile(file, annotation('link.jpg'));
    await expect(loadPascalVoc(folder)).rejects.toThrow('found a link to /etc/hostname');
    await writeFile(file, Buffer.from(annotation('Gr\xfc\xdfe.jpg'), 'latin1'));
    await expect(loadPascalVoc(folder)).rejects.toThrow(/1\.xml: byte \d+: expected UTF-8, found 0xfc/);
    await rm(file);
    await expect(loadPascalVoc(folder)).rejects.toThrow(
      new UserError(`${folder}/Annotations: expected annotations (.xml), found none`),
    );
  });
});

describe('loadCoco', () => {
  const good = {
    info: { year: 2017 },
    images: [
      { id: 7, file_name: 'a.jpg', height: 100, width: 200 },
      { id: 9, file_name: 'b.jpg', height: 10, width: 20 },
    ],
    categories: [
      { id: 18, name: 'dog', supercategory: 'animal' },
      { id: 1, name: 'person' },
    ],
    annotations: [
      { id: 1, image_id: 7, category_id: 1, bbox: [10.5, 20, 30, 80.4], iscrowd: 1, segmentation: [[1, 2]] },
      { id: 2, image_id: 7, category_id: 18, bbox: [0, 0, 200, 100], area: 20_000 },
    ],
  };
  let file: string;
  beforeEach(async () => {
    file = join(folder, 'instances.json');
    await mkdir(join(folder, 'images'));
    for (const name of ['a.jpg', 'b.jpg']) await writeFile(join(folder, 'images', name), '');
  });
  const load = async (content: unknown, options = {}) => {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return loadCoco(file, join(folder, 'images'), options);
  };

  it('reads boxes and clips rounding errors at the edge', async () => {
    expect(await load(good)).toEqual({
      classes: ['dog', 'person'],
      images: [
        {
          path: join(folder, 'images/a.jpg'),
          height: 100,
          width: 200,
          boxes: [
            { label: 1, left: 10.5, top: 20, right: 40.5, bottom: 100, isIgnored: true },
            { label: 0, left: 0, top: 0, right: 200, bottom: 100, isIgnored: false },
          ],
        },
        { path: join(folder, 'images/b.jpg'), height: 10, width: 20, boxes: [] },
      ],
    });
  });

  const changed = (change: (coco: typeof good) => void) => {
    const copy = structuredClone(good);
    change(copy);
    return copy;
  };
  it.each([
    ['damaged JSON', JSON.stringify(good).slice(0, -5), 'expected COCO annotations in JSON, found damaged text'],
    ['an empty file', '', 'expected COCO annotations in JSON, found damaged text'],
    [
      'JSON of another schema',
      [1],
      'expected COCO annotations, found at the whole: Invalid input: expected object, received array',
    ],
    [
      'a box with too few numbers',
      changed(({ annotations }) => annotations[1]!.bbox.pop()),
      'expected COCO annotations, found at annotations[1].bbox: Too small: expected array to have >=4 items',
    ],
    [
      'NaN',
      JSON.stringify(good).replace('10.5', 'null'),
      'expected COCO annotations, found at annotations[0].bbox[0]: Invalid input: expected number, received null',
    ],
    [
      'a wrong type',
      changed(({ images }) => Object.assign(images[0]!, { width: '200' })),
      'expected COCO annotations, found at images[0].width: Invalid input: expected number, received string',
    ],
    [
      'an unknown picture',
      changed(({ annotations }) => (annotations[1]!.image_id = 8)),
      "annotations[1]: expected a picture's id, found 8",
    ],
    [
      'an unknown category',
      changed(({ annotations }) => (annotations[0]!.category_id = 2)),
      "annotations[0]: expected a category's id, found 2",
    ],
    [
      'a repeated picture',
      changed(({ images }) => (images[1]!.id = 7)),
      "expected a picture's id once, found one repeated",
    ],
    [
      'a repeated category',
      changed(({ categories }) => (categories[1]!.id = 18)),
      "expected a category's id once, found one repeated",
    ],
    [
      '200,000 levels',
      `{"images":${'['.repeat(200_000)}`,
      'expected COCO annotations nested at most 64 levels deep, found more',
    ],
    [
      'a category with a line break',
      JSON.stringify(good).replace('"category_id":1,', '"category_id":"a\\nb",'),
      'annotations[0]: expected a category\'s id, found "a\\nb"',
    ],
    [
      '100,000 wrong annotations',
      JSON.stringify({ ...good, annotations: new Array(100_000).fill(0) }),
      'expected COCO annotations, found at annotations[0]: Invalid input: expected object, received number',
    ],
    [
      'a box outside the picture',
      changed(({ annotations }) => (annotations[0]!.bbox = [190, 0, 20, 20])),
      'annotations[0]: expected a box with an area within the picture of 200 × 100 pixels, found left 190, top 0, right 210, bottom 20',
    ],
    [
      'a missing picture',
      changed(({ images }) => (images[1]!.file_name = 'c.jpg')),
      'images[1]: FOLDER/c.jpg: expected a file or folder, found: no such file or folder',
    ],
    [
      'a picture outside the folder',
      changed(({ images }) => (images[0]!.file_name = '../../a.jpg')),
      'images[0]: expected a path within FOLDER, found "../../a.jpg"',
    ],
    [
      'the folder itself as a picture',
      changed(({ images }) => (images[0]!.file_name = '.')),
      'images[0]: expected a file within FOLDER, found ".", which is none',
    ],
    [
      'a picture whose name moves the cursor',
      changed(({ images }) => (images[0]!.file_name = '../\u001b[2J\u009b\n')),
      'images[0]: expected a path within FOLDER, found "../\\u001b[2J\\u009b\\n"',
    ],
    [
      'a picture with a very long name',
      changed(({ images }) => (images[0]!.file_name = `../${'x'.repeat(5000)}`)),
      `images[0]: expected a path within FOLDER, found "../${'x'.repeat(73)}...`,
    ],
  ])('refuses %s', async (_, content, message) => {
    await expect(load(content)).rejects.toThrow(
      new UserError(`${file}: ${message.replaceAll('FOLDER', join(folder, 'images'))}`),
    );
  });

  it('uses the given class order', async () => {
    expect((await load(good, { classes: ['person', 'dog'] })).images[0]!.boxes[0]!.label).toBe(0);
    await expect(load(good, { classes: ['dog'] })).rejects.toThrow(
      `${file}: annotations[0]: expected a known class, found "person"`,
    );
  });
});
