import { RandomStream, restored, zeros } from '@motley/core';
import { defineDemo, imageGrid, labels, picture, streamedText } from '@motley/core/demo';
import { Faces } from '@motley/core/generators';
import type { FaceVerificationConfig } from './config.ts';
import { FaceNetwork } from './model.ts';
import { alignFace } from './pictures/align.ts';
import { similarity } from './predict.ts';
import { alignedFace, alignedSize } from './sources/aligned.ts';

interface Loaded {
  readonly model: FaceNetwork;
  readonly settings: FaceVerificationConfig;
  /** Cosine at which the two kinds of error are equally frequent, of people that the page draws. */
  threshold: number | undefined;
}

/** People and pictures of each that set the threshold in the page: none that were trained on, nor any of the test. */
const [PEOPLE, PICTURES] = [16, 2];
/** Pairs of pictures to try: the first half shows one person each. */
const EXAMPLES = 40;
/** Examples of the second picture begin at another one of the same person. */
const OTHER_PICTURE = 7;

/** People of the generator after those of training, validation and test. */
function strangerAt({ data }: FaceVerificationConfig, place: number): number {
  return data.people + data.validationPeople + data.testPeople + place;
}

function exampleOf(settings: FaceVerificationConfig, shift: number) {
  return {
    count: EXAMPLES,
    make: (index: number) => {
      const { seed, size, deviation } = settings.data;
      const face = new Faces(seed, { size, deviation }).picture(strangerAt(settings, PEOPLE + index), shift);
      const data = alignedFace(face, settings.data);
      const side = alignedSize(settings.data);
      return { width: side, height: side, data };
    },
  };
}

/** The middle between the mean scores of pairs of one person and of two. */
async function thresholdOf({ model, settings }: Loaded): Promise<number> {
  const { seed, size, deviation } = settings.data;
  const faces = new Faces(seed, { size, deviation });
  const squares = Array.from({ length: PEOPLE }, (_, place) =>
    Array.from({ length: PICTURES }, (__, index) =>
      alignedFace(faces.picture(strangerAt(settings, place), index), settings.data),
    ),
  );
  const side = alignedSize(settings.data);
  const scores = { same: [] as number[], different: [] as number[] };
  for (const [place, own] of squares.entries()) {
    const next = squares[(place + 1) % PEOPLE]!;
    scores.same.push(await similarity(model, [own[0]!, own[1]!], side, false));
    scores.different.push(await similarity(model, [own[0]!, next[1]!], side, false));
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return (mean(scores.same) + mean(scores.different)) / 2;
}

/** Compare two faces. */
export default defineDemo({
  title: 'One person or two?',
  description:
    'Two pictures of faces, upright and filling the middle of their frame. The network gives each an embedding, and their cosine says how alike they are. Nothing leaves this machine.',
  inputs: ({ settings }: Loaded) => ({
    first: picture({ label: 'First face', examples: exampleOf(settings, 0) }),
    second: picture({ label: 'Second face', examples: exampleOf(settings, OTHER_PICTURE) }),
  }),
  outputs: {
    answer: streamedText({ label: 'Answer' }),
    score: labels({ top: 2, label: 'Score and threshold' }),
    seen: imageGrid({ columns: 2, label: 'As the network sees them' }),
  },
  load: ({ weights, config }): Loaded => {
    const settings = config as FaceVerificationConfig;
    const people = weights['classifier.weight']?.shape[0] ?? 1;
    const start = { random: RandomStream.fromSeed(0), initializer: zeros };
    const model = restored(new FaceNetwork(settings.model, settings.loss, people, start), weights);
    return { model, settings, threshold: undefined };
  },
  run: async (loaded, { first, second }) => {
    const { model, settings } = loaded;
    const side = alignedSize(settings.data);
    const [a, b] = [first, second].map(({ width, height, data }) =>
      alignFace({ values: data, height, width }, undefined, side),
    ) as [Uint8Array, Uint8Array];
    loaded.threshold ??= await thresholdOf(loaded);
    const score = await similarity(model, [a, b], side, settings.evaluation.mirrored);
    const { threshold } = loaded;
    return {
      answer: score >= threshold ? 'One person' : 'Two people',
      score: [
        { label: 'score', score: Math.max(0, score) },
        { label: 'threshold', score: Math.max(0, threshold) },
      ],
      seen: [a, b].map((data) => ({ image: { width: side, height: side, data } })),
    };
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
