import { UserError } from '@motley/run';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatPascalVoc,
  kaggleMasks,
  MAX_ANNOTATION_BYTES,
  parsePascalVoc,
  type PascalVocAnnotation,
} from './pascal-voc.ts';

/** The first annotation of the data set, with one object. */
const KAGGLE = `<annotation>
    <folder>images</folder>
    <filename>maksssksksss0.png</filename>
    <size>
        <width>512</width>
        <height>366</height>
        <depth>3</depth>
    </size>
    <segmented>0</segmented>
    <object>
        <name>without_mask</name>
        <pose>Unspecified</pose>
        <truncated>0</truncated>
        <occluded>0</occluded>
        <difficult>0</difficult>
        <bndbox>
            <xmin>79</xmin>
            <ymin>105</ymin>
            <xmax>109</xmax>
            <ymax>142</ymax>
        </bndbox>
    </object>
</annotation>
`;

describe('formatPascalVoc and parsePascalVoc', () => {
  it("have Kaggle's layout", () => {
    const annotation = parsePascalVoc(KAGGLE, 'a.xml', kaggleMasks);
    expect(annotation).toEqual({
      filename: 'maksssksksss0.png',
      height: 366,
      width: 512,
      objects: [{ name: 'without_mask', box: [79, 105, 109, 142], isDifficult: false }],
    });
    expect(formatPascalVoc(annotation, kaggleMasks)).toBe(KAGGLE);
    // As the original VOC files mean the numbers, the box begins a pixel earlier and includes its last one.
    expect(parsePascalVoc(KAGGLE, 'a.xml').objects[0]!.box).toEqual([78, 104, 109, 142]);
  });

  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => text.trim() === text && !/[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/u.test(text));
  const interval = (length: number): fc.Arbitrary<[number, number]> =>
    fc
      .tuple(fc.double({ min: 0, max: length, noNaN: true }), fc.double({ min: 0, max: length, noNaN: true }))
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const annotations: fc.Arbitrary<PascalVocAnnotation> = fc
    .tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }))
    .chain(([height, width]) =>
      fc.record({
        filename: name,
        height: fc.constant(height),
        width: fc.constant(width),
        objects: fc.array(
          fc.record({
            name,
            box: fc.tuple(interval(width), interval(height)).map(([[x1, x2], [y1, y2]]) => [x1, y1, x2, y2] as const),
            isDifficult: fc.boolean(),
          }),
          { maxLength: 5 },
        ),
      }),
    );

  it('return what was written, whatever the names and boxes', () => {
    fc.assert(
      fc.property(annotations, (annotation) => {
        expect(parsePascalVoc(formatPascalVoc(annotation, kaggleMasks), 'a.xml', kaggleMasks)).toEqual(annotation);
      }),
      { seed: 7 },
    );
  });

  it('return whole boxes in the original format', () => {
    const objects = [{ name: 'dog', box: [0, 0, 500, 375], isDifficult: true }] as const;
    const text = formatPascalVoc({ filename: 'a & b.jpg', height: 375, width: 500, objects });
    expect(text).toContain('<filename>a &amp; b.jpg</filename>');
    expect(text).toMatch(/<xmin>1<\/xmin>\s*<ymin>1<\/ymin>\s*<xmax>500<\/xmax>\s*<ymax>375<\/ymax>/);
    expect(parsePascalVoc(text, 'a.xml').objects).toEqual(objects);
  });

  it.each(['', ' a', 'a\n', '\u{0}', '\u{d800}', '\u{ffff}'])('do not write the name %j', (bad) => {
    expect(() => formatPascalVoc({ filename: bad, height: 1, width: 1, objects: [] })).toThrow(
      'Pascal VOC: expected a name without controls and spaces at its ends',
    );
  });

  const withBox = (...numbers: readonly [number, number, number, number]): string =>
    ['xmin', 'ymin', 'xmax', 'ymax'].reduce(
      (text, field, index) => text.replace(new RegExp(`<${field}>.*<`), `<${field}>${numbers[index]!}<`),
      KAGGLE,
    );
  const outside =
    /^a\.xml: object 1: expected a box with an area within the picture of 512 × 366 pixels, found left \S+, top \S+, right \S+, bottom \S+$/;
  it.each([
    ['no XML', 'with_mask 1 2 3 4', /^a\.xml: expected XML, found: Root element is missing or invalid/],
    ['nothing', '', /^a\.xml: expected XML, found: Root element is missing or invalid/],
    ['a cut file', KAGGLE.slice(0, 300), /^a\.xml: expected XML, found: Missing end tag/],
    ['another schema', '<svg/>', /^a\.xml: expected a Pascal VOC annotation, found at annotation/],
    ['no size', KAGGLE.replace(/<size>.*<\/size>/s, ''), /^a\.xml: .* found at annotation\.size/],
    ['no number', withBox(79, 105, 109, NaN), /^a\.xml: .* found at annotation\.object\[0\]\.bndbox\.ymax/],
    [
      'another class',
      KAGGLE.replace('without_mask', 'without_mak'),
      /^a\.xml: object 1: expected a known class, found "without_mak".*without_mask/,
    ],
    ['x2 < x1', withBox(109, 105, 79, 142), outside],
    ['y2 = y1', withBox(79, 105, 109, 105), outside],
    ['a box beyond the right edge', withBox(79, 105, 514, 142), outside],
    ['a box above the picture', withBox(79, -2, 109, 142), outside],
    [
      'an endless number',
      withBox(79, 105, Infinity, 142),
      /^a\.xml: .* found at annotation\.object\[0\]\.bndbox\.xmax/,
    ],
    [
      'too much',
      ' '.repeat(MAX_ANNOTATION_BYTES + 1),
      /^a\.xml: expected at most 16777216 characters, found 16777217$/,
    ],
    ['elements without end', '<a>'.repeat(50_000), /^a\.xml: expected/],
  ])('refuse %s in one line', (_, text, message) => {
    const read = (): unknown =>
      parsePascalVoc(text, 'a.xml', {
        ...kaggleMasks,
        classes: ['with_mask', 'without_mask', 'mask_weared_incorrect'],
      });
    expect(read).toThrow(UserError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^[^\n]*$/);
  });

  it('skip bad boxes on request', () => {
    expect(parsePascalVoc(withBox(109, 105, 79, 142), 'a.xml', { ...kaggleMasks, skipBadBoxes: true }).objects).toEqual(
      [],
    );
  });
});
