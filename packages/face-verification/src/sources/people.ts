import type { FaceNuisances } from '@motley/core/generators';

/** Pictures of people, as the network sees them before their normalization. */
export interface FacePictures {
  /** [N, S, S, 3] */
  readonly squares: Uint8Array;
  /** S */
  readonly size: number;
  /** [N], places in `names`. */
  readonly people: Int32Array;
  /** Names of the people. */
  readonly names: readonly string[];
  /** [N], where each picture is from. */
  readonly files: readonly string[];
  /** Parts that a generator knows. */
  readonly drawn?: Drawn;
}

/** The generator's knowledge of its pictures. */
interface Drawn {
  /** w of each picture, [N, d]: the best score of two pictures is a function of theirs. */
  readonly traits: Float32Array;
  /** [N] */
  readonly nuisances: readonly FaceNuisances[];
}

/** One picture's square: [S, S, 3]. */
export function squareAt({ squares, size }: Pick<FacePictures, 'squares' | 'size'>, place: number): Uint8Array {
  const length = size * size * 3;
  return squares.subarray(place * length, (place + 1) * length);
}

/** The pictures at some places, with all people. */
export function picturesAt(pictures: FacePictures, places: readonly number[]): FacePictures {
  const length = pictures.size ** 2 * 3;
  const squares = new Uint8Array(places.length * length);
  for (const [row, place] of places.entries()) squares.set(squareAt(pictures, place), row * length);
  const { drawn } = pictures;
  const traits = drawn === undefined ? 0 : drawn.traits.length / pictures.people.length;
  return {
    ...pictures,
    squares,
    people: Int32Array.from(places, (place) => pictures.people[place]!),
    files: places.map((place) => pictures.files[place]!),
    ...(drawn !== undefined && {
      drawn: {
        traits: Float32Array.from(
          places.flatMap((place) => Array.from(drawn.traits.subarray(place * traits, (place + 1) * traits))),
        ),
        nuisances: places.map((place) => drawn.nuisances[place]!),
      },
    }),
  };
}
