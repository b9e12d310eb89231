import type { DataCommand, ModelCommand } from '@motley/core/node';
import { shown, UserError } from '@motley/run';
import type { FaceVerificationConfig } from './config.ts';
import type { FaceData } from './data.ts';
import { thresholdOf } from './evaluate.ts';
import type { FaceNetwork } from './model.ts';
import { alignFace } from './pictures/align.ts';
import { readPicture } from './pictures/read.ts';
import { embedPictures, similarity } from './predict.ts';
import { alignedSize } from './sources/aligned.ts';
import { listPeople, readLandmarks, readPeople } from './sources/folders.ts';
import { cosineOf } from './verification/pairs.ts';

/** Most probable people that `identify` names. */
const NAMED = 3;

type FaceCommand = DataCommand<FaceVerificationConfig, FaceData, FaceNetwork>;

/** A picture as the network sees it: bytes [S, S, 3]. */
async function squareOf(file: string, size: number): Promise<Uint8Array> {
  try {
    return alignFace(await readPicture(file), undefined, size);
  } catch (error) {
    if (error instanceof UserError && !error.message.startsWith(file))
      throw new UserError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.001 ? 2 : 1)} %`;

/** Scores of every two of some pictures. */
export const predictCommand: ModelCommand<FaceVerificationConfig, FaceNetwork> = {
  description: 'how alike every two of some pictures are: the cosine of their embeddings',
  files: 'two or more JPEG, PNG or PGM pictures of upright faces that fill the middle of their frame',
  async run({ config: { data, evaluation }, model, files, print }) {
    if (files.length < 2) throw new UserError(`predict: expected two pictures or more, got ${files.length}`);
    const size = alignedSize(data);
    const squares = new Uint8Array(files.length * size * size * 3);
    for (const [place, file] of files.entries()) squares.set(await squareOf(file, size), place * size * size * 3);
    const pictures = { squares, size, people: Int32Array.from(files.keys()) };
    const score = cosineOf(await embedPictures(model, pictures, evaluation.mirrored));
    const metrics = new Map<string, Record<string, number>>();
    for (const [first, file] of files.entries()) {
      const others = files.slice(first + 1).map((other, step) => [other, score(first, first + 1 + step)] as const);
      for (const [other, value] of others) print(`${file} ${other} ${value.toFixed(4)}`);
      if (others.length > 0) metrics.set(file, Object.fromEntries(others));
    }
    return { metrics: Object.fromEntries(metrics) };
  },
};

/** Says whether two pictures show one person. */
export const verifyCommand: FaceCommand = {
  description: 'whether two pictures show one person, by the threshold for evaluation.falseAcceptRate',
  files: 'two JPEG, PNG or PGM pictures of upright faces that fill the middle of their frame',
  async run({ config: settings, model, data, files, print }) {
    const [first, second, ...rest] = files;
    if (first === undefined || second === undefined || rest.length > 0)
      throw new UserError(`verify: expected two pictures, got ${files.length}`);
    const { mirrored, falseAcceptRate } = settings.evaluation;
    const squares = [await squareOf(first, data.test.size), await squareOf(second, data.test.size)] as const;
    const score = await similarity(model, squares, data.test.size, mirrored);
    const threshold = await thresholdOf(model, settings, data);
    const isSame = score >= threshold;
    print(
      `${isSame ? 'the same person' : 'two people'}: score ${score.toFixed(4)}, threshold ${threshold.toFixed(4)} at a false accept rate of ${percent(falseAcceptRate)}`,
    );
    return { metrics: { pair: { score, threshold, falseAcceptRate, isSame: Number(isSame) } } };
  },
};

/** Names the people of a folder whom a picture is most like. */
export const identifyCommand: FaceCommand = {
  description: 'who of the people in a folder a picture shows, or nobody of them',
  files: 'a folder with a folder of pictures for each person, and one picture',
  async run({ config: settings, model, data, files, print }) {
    const [folder, query, ...rest] = files;
    if (folder === undefined || query === undefined || rest.length > 0)
      throw new UserError(`identify: expected a folder and a picture, got ${files.length} paths`);
    const { mirrored } = settings.evaluation;
    const people = await listPeople(folder);
    const framing = { size: data.test.size, landmarks: await readLandmarks(folder) };
    const gallery = await readPeople(people, Array.from(people.names.keys()), framing);
    const square = await squareOf(query, data.test.size);
    const squares = new Uint8Array(gallery.squares.length + square.length);
    squares.set(gallery.squares);
    squares.set(square, gallery.squares.length);
    const shownPeople = Int32Array.from([...gallery.people, -1]);
    const score = cosineOf(
      await embedPictures(model, { squares, size: data.test.size, people: shownPeople }, mirrored),
    );
    // A person is as much like the picture as the most alike of their pictures.
    const best = new Map<number, number>();
    for (const [place, person] of gallery.people.entries())
      best.set(person, Math.max(best.get(person) ?? -1, score(place, gallery.people.length)));
    const order = [...best].sort(([, a], [, b]) => b - a).slice(0, NAMED);
    const threshold = await thresholdOf(model, settings, data);
    const [[who, highest]] = order as [[number, number]];
    print(highest >= threshold ? people.names[who]! : `nobody of the ${people.names.length} people`);
    for (const [person, value] of order) print(`  ${shown(people.names[person])} ${value.toFixed(4)}`);
    print(
      `  threshold ${threshold.toFixed(4)} for two pictures, ${percent(settings.evaluation.falseAcceptRate)} of strangers`,
    );
    return {
      metrics: { [query]: Object.fromEntries(order.map(([person, value]) => [people.names[person]!, value])) },
    };
  },
};
