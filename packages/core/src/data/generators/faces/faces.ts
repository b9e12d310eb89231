import type { RandomNumbers } from '@motley/run';
import { RandomNumbers as Numbers } from '@motley/run';
import type { ImageArray } from '../../augmentations/image-array.ts';
import { blur, canvasOf, drawBackground, finish, type PixelArrays, type PixelKind } from './finish.ts';
import type { FaceBox, FaceLandmarks } from './head.ts';
import { drawLook } from './look.ts';
import { drawNuisances, type FaceNuisances } from './nuisances.ts';
import { drawPortrait } from './portrait.ts';
import { FACE_DIMENSIONS, traitsOf } from './traits.ts';

export interface FacesOptions<Kind extends PixelKind = PixelKind> {
  /** Side of the square pictures, in pixels. Default 64. */
  readonly size?: number;
  /** Standard deviation σ of a picture's w around its identity. Default 0.5. */
  readonly deviation?: number;
  /** Bytes from 0 to 255, or floats from 0 to 1. Default `uint8`. */
  readonly pixels?: Kind;
}

/** Picture of a face, with everything that it was drawn from. */
export interface FacePicture<Kind extends PixelKind = 'uint8'> {
  /** RGB [size, size, 3]. */
  readonly image: ImageArray<PixelArrays[Kind]>;
  readonly identity: number;
  /** Number of the picture among those of its identity. */
  readonly index: number;
  /** w = z + δ [16]: the face as it looks in this picture, apart from the nuisances. */
  readonly w: Float32Array;
  readonly nuisances: FaceNuisances;
  readonly landmarks: FaceLandmarks;
  /** Edges around the face, as in `FaceScenes`; they may lie beyond the picture. */
  readonly box: FaceBox;
}

/**
 * Generated faces with a known best verification. An identity is z ~ N(0, I) in 16 dimensions. Each picture draws w = z
 * + δ, δ ~ N(0, σ² I), and w decides shape, color and texture of every part; pose, light, expression, glasses, mask,
 * hair, blur, occlusion and background are drawn apart from it. So whoever knows w has the likelihood ratio of two
 * pictures in closed form (`logLikelihoodRatio`), and no verification from pixels is better (`VerificationBound`).
 *
 * Identity i is a function of the seed and i, its picture j of the seed, i and j.
 */
export class Faces<Kind extends PixelKind = 'uint8'> {
  readonly size: number;
  readonly deviation: number;
  readonly #random: RandomNumbers;
  readonly #pixels: Kind;

  /** @throws RangeError where the seed or an option is invalid */
  constructor(seed: number, options: FacesOptions<Kind> = {}) {
    const { size = 64, deviation = 0.5, pixels = 'uint8' as Kind } = options;
    if (!Number.isInteger(size) || size < 16 || size > 1024)
      throw new RangeError(`faces: expected a size of 16 to 1024 pixels, got ${size}`);
    if (!(deviation > 0 && deviation <= 10))
      throw new RangeError(`faces: expected a deviation above 0, at most 10, got ${deviation}`);
    this.#random = Numbers.fromSeed(seed).fork('faces');
    this.size = size;
    this.deviation = deviation;
    this.#pixels = pixels;
  }

  /** z of an identity [16]. */
  identity(identity: number): Float32Array {
    return this.#streamOf(identity).normalValues(FACE_DIMENSIONS);
  }

  /**
   * Picture of an identity.
   * @param fixed nuisances to set, instead of those drawn; the other ones stay as they are
   */
  picture(identity: number, index: number, fixed: Partial<FaceNuisances> = {}): FacePicture<Kind> {
    const { size } = this;
    const random = this.#streamOf(identity).fork(checked(index));
    const change = random.normalValues(FACE_DIMENSIONS, 0, this.deviation);
    const w = this.identity(identity).map((value, dimension) => value + change[dimension]!);
    const nuisances = { ...drawNuisances(random.fork('nuisances')), ...fixed };
    const canvas = canvasOf(size, size);
    drawBackground(canvas, 2, random.fork('background'));
    const head = { ...nuisances, traits: traitsOf(w), look: drawLook(random.fork('look')) };
    const place = {
      centerX: size * (0.5 + nuisances.shift[0]),
      centerY: size * (0.53 + nuisances.shift[1]),
      scale: 0.385 * size * nuisances.scale,
    };
    const { box, landmarks } = drawPortrait(canvas, head, nuisances, place, 1);
    blur(canvas, (nuisances.blurInPixels * size) / 64);
    const values = finish(canvas, nuisances.noise, random.fork('noise'), this.#pixels);
    return { image: { values, height: size, width: size, channels: 3 }, identity, index, w, nuisances, landmarks, box };
  }

  #streamOf(identity: number): RandomNumbers {
    return this.#random.fork(checked(identity));
  }
}

function checked(index: number): number {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError(`faces: expected an integer of at least 0, got ${index}`);
  return index;
}
