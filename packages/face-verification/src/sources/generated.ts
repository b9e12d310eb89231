import { FACE_DIMENSIONS, Faces, type FaceNuisances } from '@motley/core/generators';
import { yieldToEventLoop } from '@motley/run';
import type { FaceVerificationConfig } from '../config.ts';
import { alignedFace, alignedSize } from './aligned.ts';
import type { FacePictures } from './people.ts';

/** People and pictures of the generator: `count` from `first` on. */
export interface Drawing {
  readonly people: { readonly first: number; readonly count: number };
  readonly pictures: { readonly first: number; readonly count: number };
}

/** Pictures between two looks at the signal. */
const PICTURES_PER_TURN = 64;

/** Draws pictures of people, and aligns them by the landmarks that the generator knows. */
export async function drawPeople(
  { data }: FaceVerificationConfig,
  { people, pictures }: Drawing,
  signal?: AbortSignal,
): Promise<FacePictures> {
  const faces = new Faces(data.seed, { size: data.size, deviation: data.deviation });
  const side = alignedSize(data);
  const total = people.count * pictures.count;
  const squares = new Uint8Array(total * side * side * 3);
  const traits = new Float32Array(total * FACE_DIMENSIONS);
  const nuisances: FaceNuisances[] = [];
  const files: string[] = [];
  for (let place = 0; place < total; place++) {
    const person = people.first + Math.floor(place / pictures.count);
    const index = pictures.first + (place % pictures.count);
    const face = faces.picture(person, index);
    squares.set(alignedFace(face, data), place * side * side * 3);
    traits.set(face.w, place * FACE_DIMENSIONS);
    nuisances.push(face.nuisances);
    files.push(`person ${person}, picture ${index}`);
    if (place % PICTURES_PER_TURN === PICTURES_PER_TURN - 1) {
      await yieldToEventLoop();
      signal?.throwIfAborted();
    }
  }
  return {
    squares,
    size: side,
    people: Int32Array.from({ length: total }, (_, place) => Math.floor(place / pictures.count)),
    names: Array.from({ length: people.count }, (_, place) => `person ${people.first + place}`),
    files,
    drawn: { traits, nuisances },
  };
}
