import { join } from 'node:path';
import {
  column,
  loadAudio,
  loadCifar,
  loadCoco,
  loadCsv,
  loadIdx,
  loadNpy,
  loadPascalVoc,
  loadTokenizer,
  readCheckpoint,
} from '@motley/core/node';
import { BpeTokenizer } from '@motley/core/text';
import { decodeArrays, defineConfig } from '@motley/run';
import {
  CheckpointStore,
  loadImage,
  loadParallelText,
  loadText,
  lockFolder,
  readMetrics,
  readSummary,
  readUserFile,
} from '@motley/run/node';
import sharp from 'sharp';
import { z } from 'zod';
import { flacOf, ogg, wavOf } from './corpus/audio.ts';
import { arrays, legacyTorch, safetensorsFiles, tensorBundle, tfjsFiles, torchArchive } from './corpus/checkpoints.ts';
import { gzipped, npyOf, tarOf, withOggChecksums } from './corpus/containers.ts';
import type { Reader, SeedFile, Structure } from './seed-file.ts';

const file = (name: string, content: Buffer | string, structure: Structure = 'bytes'): SeedFile => ({
  name,
  content: Buffer.from(content),
  structure,
});
const json = (name: string, value: unknown): SeedFile => file(name, JSON.stringify(value), 'json');
const of = (...variants: readonly (readonly SeedFile[])[]) => Promise.resolve(variants);
const at = (name: string, read: (path: string) => Promise<unknown>) => (folder: string) => read(join(folder, name));
const wave = Array.from({ length: 600 }, (_, index) => Math.round(9000 * Math.sin(index / 9)));

/** A checkpoint reader of one file, by its name. */
const checkpoint = (name: string, path: string, files: () => SeedFile[]): Reader => ({
  name,
  corpus: () => of(files()),
  read: at(path, (found) => readCheckpoint(found)),
});

const NUMBERS = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n";
const TEXTS = "{'descr': '<U2', 'fortran_order': False, 'shape': (3,), }\n";
const utf32 = Buffer.from(Uint32Array.from(Array.from('abčd🙂e'), (letter) => letter.codePointAt(0)!).buffer);
const idx = Buffer.concat([Buffer.from('00000803000000020000000300000004', 'hex'), Buffer.alloc(24, 7)]);
const cifar = Buffer.concat([Buffer.of(3), Buffer.alloc(3072, 9), Buffer.of(9), Buffer.alloc(3072, 200)]);

async function pictures(format: 'png' | 'jpeg', name: string): Promise<readonly (readonly SeedFile[])[]> {
  const raw = { raw: { width: 8, height: 6, channels: 3 } } as const;
  const pixels = Buffer.from(Array.from({ length: 144 }, (_, index) => (index * 37) % 256));
  const plain = await sharp(pixels, raw).toFormat(format).toBuffer();
  const turned = await sharp(pixels, raw).toFormat(format).withMetadata({ orientation: 6 }).toBuffer();
  return [[file(name, plain)], [file(name, turned)]];
}

const ANNOTATION = `<?xml version="1.0"?>
<annotation><filename>1.jpg</filename><size><width>500</width><height>375</height><depth>3</depth></size>
<object><name>dog</name><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>48.5</xmax><ymax>99</ymax></bndbox></object>
<object><name>cat &amp; co</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>
</annotation>`;

const coco = {
  images: [{ id: 7, file_name: 'a.jpg', height: 100, width: 200 }],
  categories: [{ id: 18, name: 'dog', supercategory: 'animal' }],
  annotations: [
    { id: 1, image_id: 7, category_id: 18, bbox: [10.5, 20, 30, 40.5], iscrowd: 1, segmentation: [[1, 2]] },
    { id: 2, image_id: 7, category_id: 18, bbox: [0, 0, 200, 100], area: 20_000 },
  ],
};

const specials = ['<pad>', '<unk>'];
const bpe = new BpeTokenizer(
  [
    [70, 71],
    [258, 72],
    [259, 259],
  ],
  { specials },
);
const tokenizers: readonly unknown[] = [
  bpe.toJSON(),
  bpe.toTokenizerJSON(),
  { type: 'character', specials, characters: ['a', 'b', 'ß'] },
  { type: 'word', specials, lowercase: true, words: ['the', 'cat'] },
  { type: 'byte', specials },
];

const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      sizes: z.array(z.int().min(1)).default([3, 4]).describe('few'),
      kind: z.enum(['a', 'b']).default('a').describe('the first'),
    }),
    training: z.strictObject({
      rate: z.number().positive().default(0.1).describe('usual'),
      clip: z.number().nullable().default(null).describe('none'),
      note: z.string().default('').describe('empty'),
    }),
  }),
  { fast: {} },
);

const record = (step: number): string =>
  JSON.stringify({ step, epoch: 1, split: 'train', timeInSeconds: 0.5, metrics: { loss: 1 / step, accuracy: null } });
const summary = {
  system: 'vae',
  command: 'train',
  status: 'completed',
  backend: 'cpu',
  device: 'cpu',
  tensorflow: null,
  precision: 'float32',
  compiled: false,
  seed: 1,
  epochs: 2,
  steps: 8,
  parameters: 10,
  wallTimeInSeconds: 1.5,
  samplesPerSecond: null,
  peakMemoryInBytes: 1e8,
  metrics: { test: { loss: 2 } },
  baselines: { mean: { loss: 3 } },
};
const state = {
  format: 'motley-checkpoint-1',
  system: 'vae',
  step: 8,
  epoch: 1,
  bestStep: 8,
  state: { step: 8, best: { loss: 1 } },
};

/** Every reader of files from outside. */
export const readers: readonly Reader[] = [
  checkpoint('safetensors', 'a.safetensors', () => safetensorsFiles('a.safetensors', arrays)),
  {
    name: 'arrays',
    corpus: () => of(safetensorsFiles('a.safetensors', arrays)),
    read: at('a.safetensors', async (path) => decodeArrays(await readUserFile(path, 'arrays', 2 ** 20), path)),
  },
  checkpoint('torch', 'a.pth', torchArchive),
  checkpoint('torch-legacy', 'a.pt', legacyTorch),
  checkpoint('tfjs', 'model.json', tfjsFiles),
  checkpoint('tensorflow', 'x.index', tensorBundle),
  {
    name: 'wav',
    corpus: () => of([file('a.wav', wavOf(1, wave))], [file('a.wav', wavOf(2, wave))]),
    read: at('a.wav', (path) => loadAudio(path, { mono: true, sampleRateInHz: 16_000 })),
  },
  {
    name: 'flac',
    corpus: async () => [[file('a.flac', await flacOf(wave))]],
    read: at('a.flac', (path) => loadAudio(path, { maxBytes: 2 ** 26 })),
  },
  {
    name: 'ogg',
    corpus: async () => [[{ ...file('a.ogg', await ogg()), wrap: withOggChecksums }]],
    read: at('a.ogg', (path) => loadAudio(path, { maxBytes: 2 ** 26, mono: true, sampleRateInHz: 16_000 })),
  },
  {
    name: 'npy',
    corpus: () =>
      of([file('a.npy', npyOf(NUMBERS, Buffer.alloc(24, 60)), 'text')], [file('a.npy', npyOf(TEXTS, utf32))]),
    read: at('a.npy', (path) => loadNpy(path, 2 ** 24)),
  },
  {
    name: 'pascal-voc',
    corpus: () => of([file('Annotations/1.xml', ANNOTATION, 'text'), file('JPEGImages/1.jpg', '')]),
    read: (folder) => loadPascalVoc(folder),
  },
  {
    name: 'coco',
    corpus: () => of([json('coco.json', coco), file('images/a.jpg', '')]),
    read: (folder) => loadCoco(join(folder, 'coco.json'), join(folder, 'images')),
  },
  { name: 'idx', corpus: () => of([file('a.idx', idx)]), read: at('a.idx', (path) => loadIdx(path, 2 ** 24)) },
  {
    name: 'idx-gzip',
    corpus: () => of([{ ...file('a.gz', idx), wrap: gzipped }]),
    read: at('a.gz', (path) => loadIdx(path, 2 ** 24)),
  },
  {
    name: 'cifar',
    corpus: () => of([file('test_batch.bin', cifar)]),
    read: (folder) => loadCifar(10, 'test', folder, { verify: false }),
  },
  {
    name: 'cifar-archive',
    corpus: () => of([{ ...file('a.tar.gz', tarOf('cifar-10-batches-bin/test_batch.bin', cifar)), wrap: gzipped }]),
    read: at('a.tar.gz', (path) => loadCifar(10, 'test', path, { verify: false })),
  },
  {
    name: 'csv',
    corpus: () =>
      of([file('a.csv', 'day,load,kind,note\r\n2014-01-31,1.5,a,"x, ""y"""\r\n2014-02-01,-2e3,b,\r\n', 'text')]),
    read: at('a.csv', (path) =>
      loadCsv(path, { day: column.date(), load: column.number(), kind: column.category(), note: column.text() }),
    ),
  },
  {
    name: 'text',
    corpus: () => of([file('a.txt', 'größe\nline two\r\n🙂', 'text')]),
    read: at('a.txt', (path) => loadText(path)),
  },
  {
    name: 'parallel-text',
    corpus: () => of([file('a.en', 'one\ntwo\n', 'text'), file('a.de', 'eins\nzwei\n', 'text')]),
    read: (folder) => loadParallelText(join(folder, 'a.en'), join(folder, 'a.de')),
  },
  {
    name: 'png',
    corpus: () => pictures('png', 'a.png'),
    read: at('a.png', (path) => loadImage(path, { maxPixels: 1e6 })),
  },
  {
    name: 'jpeg',
    corpus: () => pictures('jpeg', 'a.jpg'),
    read: at('a.jpg', (path) => loadImage(path, { maxPixels: 1e6 })),
  },
  {
    name: 'tokenizer',
    corpus: () => of(...tokenizers.map((each) => [json('tokenizer.json', each)])),
    read: at('tokenizer.json', async (path) => (await loadTokenizer(path)).vocabularySize),
  },
  {
    name: 'vocabulary',
    corpus: () => of([file('vocab.txt', '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n##s\n', 'text')]),
    read: at('vocab.txt', async (path) => (await loadTokenizer(path)).vocabularySize),
  },
  {
    name: 'config',
    corpus: () =>
      of([json('config.json', { model: { sizes: [5], kind: 'b' }, training: { rate: 0.5, clip: 1, note: 'x' } })]),
    read: at('config.json', async (path) => {
      const text = (await readUserFile(path, 'a configuration', 2 ** 20)).toString();
      return config.resolve({ file: { name: path, text } });
    }),
  },
  {
    name: 'metrics',
    corpus: () =>
      of(
        [file('metrics.jsonl', `${[1, 2, 3].map(record).join('\n')}\n`, 'text')],
        [json('metrics.jsonl', JSON.parse(record(1)))],
      ),
    read: at('metrics.jsonl', readMetrics),
  },
  {
    name: 'summary',
    corpus: () => of([json('summary.json', summary)]),
    read: (folder) => readSummary(folder, 'summary.json'),
  },
  {
    name: 'run-checkpoint',
    corpus: () =>
      of([
        json('step-8.state.json', state),
        file('last', 'step-8\n', 'text'),
        ...safetensorsFiles('step-8.safetensors', arrays),
        ...safetensorsFiles('step-8.optimizer.safetensors', arrays),
      ]),
    read: (folder) => new CheckpointStore(folder, 'vae').load('last'),
  },
  {
    name: 'lock',
    corpus: () => of([json('lock', { host: 'elsewhere', processId: 7, startedAt: '1' })]),
    read: async (folder) => (await lockFolder(folder)).release(),
  },
];
