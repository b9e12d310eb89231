import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@motley/run/folders';
import { z } from 'zod';
import { MetricColumns } from './columns.ts';
import { GrowingFloats } from './growing.ts';
import type { ReadPosition } from './line-reader.ts';

const FORMAT = 'motley-columns-1';

const headerSchema = z.object({
  format: z.literal(FORMAT),
  path: z.string(),
  position: z.object({ inode: z.number(), offset: z.number(), seen: z.string() }),
  lines: z.int().min(0),
  curves: z.array(z.object({ name: z.string(), split: z.string(), metric: z.string(), points: z.int().min(0) })),
});

/** Columns as kept, with the place up to which they were read. */
export interface KeptColumns {
  readonly position: ReadPosition;
  readonly columns: MetricColumns;
}

/** Folder of columns, so that a long log is parsed once. It may be thrown away at any time. */
export class ColumnsCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns undefined where there are none, or damaged ones */
  async load(path: string): Promise<KeptColumns | undefined> {
    try {
      const bytes = await readFile(this.#path(path));
      const headerBytes = bytes.readUInt32LE(0);
      const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', 4, 4 + headerBytes)));
      let at = padded(4 + headerBytes);
      const numbers = 3 * header.lines + 2 * header.curves.reduce((sum, { points }) => sum + points, 0);
      if (header.path !== path || bytes.length !== at + 8 * numbers) return undefined;
      const take = (count: number): Float64Array => {
        const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 8 * count));
        at += 8 * count;
        return values;
      };
      const [steps, epochs, times] = [take(header.lines), take(header.lines), take(header.lines)];
      const curves = header.curves.map(({ points, ...names }) => ({
        ...names,
        lines: new GrowingFloats(take(points)),
        values: new GrowingFloats(take(points)),
      }));
      return { position: header.position, columns: new MetricColumns({ steps, epochs, times, curves }) };
    } catch {
      return undefined;
    }
  }

  /** Keeps columns. Where they cannot be written, the log is parsed again next time. */
  async save(path: string, { position, columns }: KeptColumns): Promise<void> {
    const curves = [...columns.curves.values()];
    const header = Buffer.from(
      JSON.stringify({
        format: FORMAT,
        path,
        position,
        lines: columns.steps.length,
        curves: curves.map(({ name, split, metric, values }) => ({ name, split, metric, points: values.length })),
      }),
    );
    const head = Buffer.alloc(padded(4 + header.length));
    head.writeUInt32LE(header.length, 0);
    header.copy(head, 4);
    const parts = [
      columns.steps,
      columns.epochs,
      columns.times,
      ...curves.flatMap(({ lines, values }) => [lines, values]),
    ];
    const bytes = parts.map(({ view }) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFileAtomically(this.#path(path), [head, ...bytes]);
    } catch {
      // The cache is a convenience.
    }
  }

  #path(path: string): string {
    return join(this.#folder, `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.columns`);
  }
}

function padded(bytes: number): number {
  return 8 * Math.ceil(bytes / 8);
}
