import { join } from 'node:path';
import { shown } from '../../config/errors.ts';
import { sharp } from '../figures/packages.ts';
import { makeFolder, writeFileAtomically } from '../files.ts';

/** Points for TensorBoard's Projector page. */
export interface Embedding {
  /** Kebab-case name. */
  readonly name: string;
  /** `[N, D]`, row-major. */
  readonly values: Float32Array;
  readonly shape: readonly [count: number, size: number];
  /** Columns of N values each, used to label and color the points. */
  readonly labels?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Thumbnail of each point: `[N, H, W, C]`, C 1 (gray) or 3 (RGB), bytes. */
  readonly thumbnails?: {
    readonly images: Uint8Array;
    readonly shape: readonly [count: number, height: number, width: number, channels: 1 | 3];
  };
}

/** Maximum size of a sprite that the page accepts, in pixels. */
const MAX_SPRITE_SIZE = 8192;

/**
 * Writes `projector_config.pbtxt` to a run folder, and the points to `projector/` below it.
 * @throws Error where sizes do not match; StorageError where files cannot be written
 */
export async function writeProjector(folder: string, embeddings: readonly Embedding[]): Promise<void> {
  await makeFolder(join(folder, 'projector'));
  const entries: string[] = [];
  for (const embedding of embeddings) entries.push(await writeEmbedding(folder, embedding));
  await writeFileAtomically(join(folder, 'projector_config.pbtxt'), entries.join(''));
}

async function writeEmbedding(folder: string, { name, values, shape, labels, thumbnails }: Embedding): Promise<string> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(`projector: expected a kebab-case name, got ${shown(name)}`);
  }
  const [count, size] = shape;
  if (values.length !== count * size) {
    throw new Error(`projector: expected ${count * size} values for shape [${shape.join(', ')}], got ${values.length}`);
  }
  const lines = [
    `tensor_name: "${name}"`,
    `tensor_path: "projector/${name}.bytes"`,
    ...shape.map((each) => `tensor_shape: ${each}`),
  ];
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  await writeFileAtomically(join(folder, 'projector', `${name}.bytes`), bytes);
  if (labels !== undefined) {
    lines.push(`metadata_path: "projector/${name}.tsv"`);
    await writeFileAtomically(join(folder, 'projector', `${name}.tsv`), labelTable(labels, count));
  }
  if (thumbnails !== undefined) {
    const { png, width, height } = await sprite(thumbnails, count);
    lines.push(`sprite {`, `  image_path: "projector/${name}.png"`);
    lines.push(`  single_image_dim: ${width}`, `  single_image_dim: ${height}`, '}');
    await writeFileAtomically(join(folder, 'projector', `${name}.png`), png);
  }
  return `embeddings {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

/** Table of labels. Several columns have a heading, a single one has none: the page requires it. */
function labelTable(labels: NonNullable<Embedding['labels']>, count: number): string {
  const names = Object.keys(labels);
  for (const [name, column] of Object.entries(labels)) {
    if (column.length !== count) throw new Error(`projector: expected ${count} of "${name}", got ${column.length}`);
  }
  const rows = Array.from({ length: count }, (_, row) => names.map((name) => cell(labels[name]![row]!)));
  return [...(names.length > 1 ? [names.map(cell)] : []), ...rows].map((row) => `${row.join('\t')}\n`).join('');
}

function cell(value: string | number): string {
  return String(value).replaceAll(/[\t\r\n]+/g, ' ');
}

/** Thumbnails in a square, row by row. */
async function sprite(
  { images, shape }: NonNullable<Embedding['thumbnails']>,
  count: number,
): Promise<{ readonly png: Uint8Array; readonly width: number; readonly height: number }> {
  const [pictures, height, width, channels] = shape;
  if (pictures !== count || images.length !== pictures * height * width * channels) {
    throw new Error(
      `projector: expected ${count} thumbnails, got ${images.length} bytes of shape [${shape.join(', ')}]`,
    );
  }
  const columns = Math.ceil(Math.sqrt(count));
  if (columns * Math.max(width, height) > MAX_SPRITE_SIZE) {
    throw new Error(
      `projector: expected thumbnails that fill at most ${MAX_SPRITE_SIZE} × ${MAX_SPRITE_SIZE} pixels, got ${columns} × ${columns} of ${width} × ${height}`,
    );
  }
  const pageWidth = columns * width;
  const page = Buffer.alloc(pageWidth * columns * height * channels, 0xff);
  const rowLength = width * channels;
  for (let image = 0; image < count; image++) {
    const left = (image % columns) * rowLength;
    const top = Math.floor(image / columns) * height;
    for (let y = 0; y < height; y++) {
      const source = (image * height + y) * rowLength;
      page.set(images.subarray(source, source + rowLength), (top + y) * pageWidth * channels + left);
    }
  }
  const raw = { width: pageWidth, height: columns * height, channels };
  return { png: await sharp(page, { raw }).png().toBuffer(), width, height };
}
