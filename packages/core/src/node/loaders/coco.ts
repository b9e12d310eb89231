import { firstIssue, listOf, shown, UserError } from '@motley/run';
import { readJson } from '@motley/run/node';
import { z } from 'zod';
import {
  checkedBoxes,
  labelsOf,
  type BoxOptions,
  type DetectionData,
  type RawBox,
} from '../../data/annotations/boxes.ts';
import { fileWithin } from './folders.ts';

/** Size limit of the JSON. COCO's training annotations are 470 MB, near the longest string that Node allows. */
const MAX_BYTES = 500_000_000;

const id = z.union([z.int(), z.string()]);
const cocoSchema = z.object({
  images: listOf(z.object({ id, file_name: z.string().min(1), height: z.int().positive(), width: z.int().positive() })),
  categories: listOf(z.object({ id, name: z.string().min(1) })),
  annotations: listOf(
    z.object({
      image_id: id,
      category_id: id,
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.union([z.literal(0), z.literal(1)]).default(0),
    }),
  ),
});

/**
 * Reads boxes in COCO's JSON format (Lin et al., 2014): `images`, `categories`, and `annotations` whose `bbox` is
 * [left, top, width, height] in pixels.
 * @param file the annotations
 * @param imageFolder folder of the images
 * @throws UserError naming the file and the entry, if the JSON is invalid, a field is missing, an image or class is
 *   unknown, an image is missing or outside the folder, or a box is outside its image
 */
export async function loadCoco(file: string, imageFolder: string, options: BoxOptions = {}): Promise<DetectionData> {
  const parsed = cocoSchema.safeParse(await readJson(file, 'COCO annotations', MAX_BYTES));
  if (!parsed.success) throw new UserError(`${file}: expected COCO annotations, found ${firstIssue(parsed.error)}`);
  const { images, categories, annotations } = parsed.data;
  const classes = options.classes ?? categories.map(({ name }) => name);
  const names = new Map(categories.map((category) => [category.id, category.name]));
  if (names.size !== categories.length)
    throw new UserError(`${file}: expected a category's id once, found one repeated`);
  const boxesOf = new Map<string | number, RawBox[]>(images.map((image) => [image.id, []]));
  if (boxesOf.size !== images.length) throw new UserError(`${file}: expected a picture's id once, found one repeated`);
  for (const [index, { image_id, category_id, bbox, iscrowd }] of annotations.entries()) {
    const where = `${file}: annotations[${index}]`;
    const className = names.get(category_id);
    const boxes = boxesOf.get(image_id);
    if (boxes === undefined) throw new UserError(`${where}: expected a picture's id, found ${shown(image_id)}`);
    if (className === undefined) throw new UserError(`${where}: expected a category's id, found ${shown(category_id)}`);
    const [left, top, width, height] = bbox;
    boxes.push({ className, where, left, top, right: left + width, bottom: top + height, isIgnored: iscrowd === 1 });
  }
  const labels = labelsOf(classes);
  const checked = [];
  for (const [index, { id, file_name, height, width }] of images.entries()) {
    const path = await fileWithin(imageFolder, file_name, `${file}: images[${index}]`);
    const boxes = checkedBoxes(boxesOf.get(id)!, { height, width }, labels, options.skipBadBoxes ?? false);
    checked.push({ path, height, width, boxes });
  }
  return { classes, images: checked };
}
