import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { UserError } from '@motley/run';
import { type PlainCommand, userPath } from '@motley/run/node';
import { z } from 'zod';
import { readPicture } from '../pictures/decode.ts';
import { frame } from '../pictures/framing.ts';
import { imageNetSynsets } from './imagenet.ts';
import { phraseOf, withArticle } from './labels.ts';
import { encodeLabels, encodePlainClasses, nameBy, type NameSpace, openNameSpace, similarityOf } from './name-space.ts';
import { conse, type NamingOptions, namingDefaults } from './naming.ts';
import { type Namer, openNamer } from './open-namer.ts';
import { openWordNet } from './open-word-net.ts';
import { rankingOf, shareAbove } from './ranking.ts';
import { listStamps, type Stamp, STAMPS_FOLDER } from './stamps.ts';

const options = {
  seed: z.int().min(0).default(0).describe('any; of the labels that are drawn for "none of these"'),
};

/** Labels offered for a picture where "none of these" is measured. */
const OFFERED = [3, 10, 30] as const;

/** The stamps as the classifier sees them. */
interface SeenStamps {
  readonly stamps: readonly Stamp[];
  /** Different names, sorted. */
  readonly names: readonly string[];
  /** [N], places in the names. */
  readonly labels: readonly number[];
  /** [N, 1000] */
  readonly probabilities: Float32Array;
}

async function lookAt(namer: Namer, folder: string): Promise<SeenStamps> {
  const stamps = await listStamps(folder);
  const names = [...new Set(stamps.map(({ name }) => name))].sort();
  const { preprocessing } = namer.seeing;
  const length = preprocessing.cropSize ** 2 * 3;
  const squares = new Uint8Array(stamps.length * length);
  for (const [place, { path }] of stamps.entries())
    squares.set(frame(await readPicture(path), preprocessing, 'whole').values, place * length);
  const labels = stamps.map(({ name }) => names.indexOf(name));
  return { stamps, names, labels, probabilities: await namer.classify(squares) };
}

/** Measures ways to name pictures without training, on photographs that Debian has. */
export const stampsCommand: PlainCommand<typeof options> = {
  description: "name the photographs of Debian's tuxpaint-stamps-default by several ways, without training",
  texts: `the folder of the stamps (default: ${STAMPS_FOLDER})`,
  options,
  async run({ texts: [folder, ...others], options: { seed }, print }) {
    if (others.length > 0) throw new UserError(`stamps: expected one folder, got ${others.length + 1}`);
    const { backend, device } = await chooseBackend('auto');
    print(`${backend} on ${device}`);
    const namer = await openNamer();
    try {
      const seen = await lookAt(namer, folder === undefined ? STAMPS_FOLDER : userPath(folder, 'stamps'));
      const space = await openNameSpace(await openWordNet(), namer.encodeOnce);
      const photos = seen.names.map((name) => `a photo of ${withArticle(phraseOf(name))}.`);
      const plain = conse(
        seen.probabilities,
        await encodePlainClasses(space, namer.encodeOnce),
        await namer.encode(photos),
      );
      const similarity = similarityOf(space, await encodeLabels(namer.encode, seen.names));
      print(
        `${seen.stamps.length} photographs of ${seen.names.length} things; chance ${(1 / seen.names.length).toFixed(3)}`,
      );
      report(print, 'ConSE, one prompt', plain, seen);
      for (const [name, changes] of WAYS)
        report(
          print,
          name,
          nameBy(space, seen.probabilities, similarity, { ...namingDefaults, none: 0, ...changes }),
          seen,
        );
      for (const offered of OFFERED) print(measureNone(space, seen, similarity, offered, seed));
    } finally {
      namer.dispose();
    }
  },
};

/** The way that is used, without "none of these", and others. */
const WAYS: readonly (readonly [string, Partial<NamingOptions>])[] = [
  ['as used', {}],
  ['classes alone, without what they are kinds of', { specificity: 1000 }],
  ['kinds count more', { specificity: 2 }],
  ['background 0: each concept divides all it has', { background: 0 }],
  ['background 1000', { background: 1000 }],
  ['temperature 0.06', { temperature: 0.06 }],
  ['temperature 0.1', { temperature: 0.1 }],
];

function report(
  print: (line: string) => void,
  way: string,
  scores: Float32Array,
  { stamps, names, labels }: SeenStamps,
): void {
  const all = Array.from(stamps.keys());
  const width = scores.length / stamps.length;
  const parts = {
    all,
    food: all.filter((place) => stamps[place]!.group.startsWith('food')),
    // Names of one half are no settings of the other.
    'even names': all.filter((place) => labels[place]! % 2 === 0),
    'odd names': all.filter((place) => labels[place]! % 2 === 1),
  };
  const texts = Object.entries(parts).map(([part, places]) => {
    const { first, firstLow, firstHigh, amongFive } = rankingOf(scores, width, names.length, labels, places);
    const interval = `${firstLow.toFixed(3)} to ${firstHigh.toFixed(3)}`;
    return `${part} (${places.length}) ${first.toFixed(3)} (${interval}), of five ${amongFive.toFixed(3)}`;
  });
  print(`${way}: ${texts.join('; ')}`);
}

/** How "none of these" tells apart whether the right label is among those offered. */
function measureNone(
  space: NameSpace,
  { stamps, labels, names, probabilities }: SeenStamps,
  similarity: Float32Array,
  offered: number,
  seed: number,
): string {
  const random = RandomStream.fromSeed(seed).fork(`none of ${offered}`);
  const [present, absent]: [number[], number[]] = [[], []];
  let right = 0;
  for (const [place] of stamps.entries()) {
    const own = labels[place]!;
    const others = [...random.permutation(names.length)].filter((label) => label !== own);
    const shares = probabilities.subarray(place * imageNetSynsets.length, (place + 1) * imageNetSynsets.length);
    const nameAs = (chosen: readonly number[]) =>
      nameBy(space, shares, columnsOf(similarity, names.length, chosen), namingDefaults);
    const withOwn = nameAs([own, ...others.slice(0, offered - 1)]);
    present.push(withOwn[offered]!);
    if (withOwn.subarray(1, offered).every((share) => share < withOwn[0]!)) right++;
    absent.push(nameAs(others.slice(0, offered))[offered]!);
  }
  const share = (values: readonly number[], isNone: boolean) =>
    (values.filter((value) => value >= 0.5 === isNone).length / values.length).toFixed(3);
  return [
    `${offered} labels: right ${(right / stamps.length).toFixed(3)} of those that are offered`,
    `"none of these" below one half for ${share(present, false)} with the right label, above for ${share(absent, true)} without it`,
    `area under its curve ${shareAbove(present, absent).toFixed(3)}`,
  ].join('; ');
}

/** Some columns of a table. */
function columnsOf(table: Float32Array, width: number, columns: readonly number[]): Float32Array {
  const rows = table.length / width;
  return Float32Array.from({ length: rows * columns.length }, (_, place) => {
    return table[Math.floor(place / columns.length) * width + columns[place % columns.length]!]!;
  });
}
