import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { MASK_CLASSES } from '@motley/core/generators';
import type { ModelCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { boxOverlay, loadImage } from '@motley/run/node';
import { z } from 'zod';
import type { MaskDetectionConfig } from './config.ts';
import { drawn } from './figures.ts';
import type { FasterRcnn } from './model.ts';
import { type Detection, detect } from './predict.ts';

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png']);
/** Identifiers of COCO's categories begin with 1. */
const FIRST_CATEGORY = 1;

const options = {
  minScore: z.number().min(0).max(1).default(0.5).describe('less probable boxes are neither drawn nor listed'),
};

/** Finds faces in pictures: pictures with boxes, `detections.json`, and `coco-results.json`. */
export const predictCommand: ModelCommand<MaskDetectionConfig, FasterRcnn, typeof options> = {
  description: 'find faces in pictures, and say how they wear a mask',
  files: 'JPEG or PNG pictures, or folders of them',
  options,
  async run({ config: settings, model, files, folder, options: { minScore }, print }) {
    const pictures = (await Promise.all(files.map(picturesOf))).flat();
    if (pictures.length === 0) throw new UserError('predict: expected JPEG or PNG pictures, got none');
    const out = join(folder.path, 'predictions');
    const images = [];
    for (const path of pictures) images.push({ path, ...(await loadImage(path)) });
    await mkdir(out, { recursive: true });
    const listed: Record<string, readonly Detection[]> = {};
    const results: object[] = [];
    for (const [place, { path, ...image }] of images.entries()) {
      const begin = performance.now();
      const [all] = await detect(model, [image], settings.data);
      const time = performance.now() - begin;
      const found = all!.filter(({ score }) => score >= minScore);
      print(`${path}: ${found.length} ${found.length === 1 ? 'face' : 'faces'}, ${time.toFixed(0)} ms`);
      for (const { box, label, score } of found)
        print(`  ${MASK_CLASSES[label]!} ${score.toFixed(3)} at ${box.map((value) => value.toFixed(1)).join(', ')}`);
      const boxes = found.map((each) => drawn(each, MASK_CLASSES));
      const figure = await boxOverlay({ image: image.values, shape: [image.height, image.width, 3], boxes });
      await writeFile(join(out, `${basename(path, extname(path))}-boxes.png`), figure.png);
      listed[path] = found;
      for (const { box, label, score } of all!)
        results.push({
          image_id: place,
          file_name: basename(path),
          category_id: label + FIRST_CATEGORY,
          bbox: box,
          score,
        });
    }
    const named = Object.entries(listed).map(([path, found]) => [
      path,
      found.map(({ box, label, score }) => ({ class: MASK_CLASSES[label]!, score, box })),
    ]);
    await writeFile(join(out, 'detections.json'), JSON.stringify(Object.fromEntries(named), null, 2));
    await writeFile(join(out, 'coco-results.json'), JSON.stringify(results));
    print(`pictures, detections.json and coco-results.json: ${out}`);
  },
};

/** A picture, or the pictures of a folder in order of their names. */
async function picturesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return [path];
  const names = (await readdir(path)).filter((name) => EXTENSIONS.has(extname(name).toLowerCase())).sort();
  return names.map((name) => join(path, name));
}
