import { RandomNumbers } from '@motley/run';
import type { ImageArray } from '../../augmentations/image-array.ts';
import { blur, canvasOf, drawBackground, finish, type PixelArrays, type PixelKind } from './finish.ts';
import { extentOf, type FaceBox, type FaceLandmarks, type Head } from './head.ts';
import { drawLook } from './look.ts';
import { chosen, drawNuisances, type Occlusion } from './nuisances.ts';
import { drawPortrait, type Canvas, type Light, type Placement } from './portrait.ts';
import { FACE_DIMENSIONS, traitsOf } from './traits.ts';
import type { MaskWearing } from './worn.ts';

/** Classes of Kaggle's data set Face Mask Detection (Larxel, 2020), in its spelling. */
export const MASK_CLASSES = ['with_mask', 'without_mask', 'mask_weared_incorrect'] as const;
export type MaskClass = (typeof MASK_CLASSES)[number];

/** Shares of the classes in that data set: 717, 3,232 and 123 of 4,072 boxes. */
export const MASK_CLASS_SHARES = [0.176, 0.794, 0.03] as const;

export interface FaceScenesOptions<Kind extends PixelKind = PixelKind> {
  /** Height of the pictures in pixels. Default 256. */
  readonly height?: number;
  /** Width of the pictures in pixels. Default 320. */
  readonly width?: number;
  /** Fewest and most faces of a picture. Default [1, 15]. */
  readonly faces?: readonly [fewest: number, most: number];
  /** Narrowest and widest face, in pixels. Default [8, 150]. */
  readonly widths?: readonly [narrowest: number, widest: number];
  /** Bytes from 0 to 255, or floats from 0 to 1. Default `uint8`. */
  readonly pixels?: Kind;
}

/** Thing that may be mistaken for a mask. */
export type Lookalike = 'none' | 'beard' | 'scarf' | 'hand';

/** Face of a scene. */
export interface SceneFace {
  /**
   * Edges `[x1, x2)` × `[y1, y2)` in pixels, not rounded, inside the picture. They are tight around the face: from the
   * hairline (or 0.62 of the way from the head's middle to its crown, where the hairline is higher) to the chin, from
   * one side of the head to the other, nose included; without hair, ears and neck. What a mask, a hand, hair or
   * another head covers counts.
   */
  readonly box: FaceBox;
  /** Class: index of the name in `MASK_CLASSES`. */
  readonly label: number;
  readonly name: MaskClass;
  readonly wearing: MaskWearing;
  readonly lookalike: Lookalike;
  /** Share of the box's ellipse that no other head covers, 0 to 1. */
  readonly visible: number;
  readonly yawInDegrees: number;
  readonly landmarks: FaceLandmarks;
}

/** Picture with faces. */
export interface FaceScene<Kind extends PixelKind = 'uint8'> {
  /** RGB [height, width, 3]. */
  readonly image: ImageArray<PixelArrays[Kind]>;
  /** In the order in which they were drawn: the later ones cover the earlier ones. */
  readonly faces: readonly SceneFace[];
}

/** Median width of a face, as a share of the picture's height, and the deviation of its logarithm. */
const MEDIAN_WIDTH = 0.12;
const WIDTH_DEVIATION = 0.65;
const PLACE_TRIES = 30;
/** Largest share of a face that a nearer head and its shoulders may hide. */
const MOST_COVERED = 0.2;
/** Places along a side of a box where this is tested. */
const GRID = 8;
const WRONG_WEARINGS = ['under-nose', 'on-chin', 'hanging'] as const;
const LOOKALIKES = ['none', 'beard', 'scarf', 'hand'] as const;
const LOOKALIKE_SHARES = [0.7, 0.14, 0.08, 0.08] as const;

/**
 * Generated pictures of crowds, in which each face wears a mask, wears one wrongly (under the nose, on the chin,
 * hanging from an ear) or wears none, at the rates of Kaggle's Face Mask Detection. Some faces without a mask have a
 * beard, a scarf or a hand before the mouth. Widths of the faces are log-normal. Scene i is a function of the seed and
 * i.
 */
export class FaceScenes<Kind extends PixelKind = 'uint8'> {
  readonly height: number;
  readonly width: number;
  readonly #random: RandomNumbers;
  readonly #faces: readonly [number, number];
  readonly #widths: readonly [number, number];
  readonly #pixels: Kind;

  /** @throws RangeError where the seed or an option is invalid */
  constructor(seed: number, options: FaceScenesOptions<Kind> = {}) {
    const { height = 256, width = 320, faces = [1, 15], widths = [8, 150], pixels = 'uint8' as Kind } = options;
    const isSide = (side: number): boolean => Number.isInteger(side) && side >= 32 && side <= 4096;
    if (!isSide(height) || !isSide(width))
      throw new RangeError(`face scenes: expected sides of 32 to 4096 pixels, got ${height} × ${width}`);
    if (!faces.every((count) => Number.isInteger(count)) || faces[0] < 0 || faces[1] < faces[0] || faces[1] > 100)
      throw new RangeError(`face scenes: expected counts of faces from 0 to 100, the smaller first, got ${faces}`);
    if (!(widths[0] >= 4 && widths[1] >= widths[0]))
      throw new RangeError(`face scenes: expected widths from 4 pixels on, the smaller first, got ${widths}`);
    this.#random = RandomNumbers.fromSeed(seed).fork('face scenes');
    this.height = height;
    this.width = width;
    this.#faces = faces;
    this.#widths = widths;
    this.#pixels = pixels;
  }

  /** Scene of a number. It has fewer faces than drawn where no place was left for more. */
  scene(index: number): FaceScene<Kind> {
    if (!Number.isSafeInteger(index) || index < 0)
      throw new RangeError(`face scenes: expected an integer of at least 0, got ${index}`);
    const { height, width } = this;
    const random = this.#random.fork(index);
    const [draws, light] = [random.uniformValues(4), drawNuisances(random.fork('light'))];
    const count = this.#faces[0] + Math.floor(draws[0]! * (this.#faces[1] - this.#faces[0] + 1));
    const canvas = canvasOf(height, width);
    drawBackground(canvas, 4 + Math.floor(8 * draws[1]!), random.fork('background'));
    const placed = this.#places(count, random.fork('places')).reverse();
    const drawn = placed.map((face, order) => this.#drawFace(canvas, face, light, order + 1));
    const faces = drawn.map((face, order) => ({ ...face, visible: visibleShare(canvas, face.box, order + 1) }));
    blur(canvas, 0.9 * draws[2]! ** 2);
    const values = finish(canvas, 0.035 * draws[3]!, random.fork('noise'), this.#pixels);
    return { image: { values, height, width, channels: 3 }, faces };
  }

  /** Faces with their places, the nearest first. */
  #places(count: number, random: RandomNumbers): PlacedFace[] {
    const sizes = Array.from({ length: count }, (_, face) => this.#widthOf(random.fork(face))).sort((a, b) => b - a);
    const placed: PlacedFace[] = [];
    for (const [face, boxWidth] of sizes.entries()) {
      const stream = random.fork(face).fork('face');
      const plan = planFace(stream);
      const [x1, y1, x2, y2] = extentOf(plan.head);
      const scale = boxWidth / (x2 - x1);
      const [freeX, freeY] = [this.width - boxWidth, this.height - (y2 - y1) * scale];
      if (freeX < 0 || freeY < 0) continue;
      const draws = stream.fork('place').uniformValues(2 * PLACE_TRIES);
      for (let attempt = 0; attempt < PLACE_TRIES; attempt++) {
        const [left, top] = [draws[2 * attempt]! * freeX, draws[2 * attempt + 1]! * freeY];
        const placement = { centerX: left - x1 * scale, centerY: top - y1 * scale, scale };
        const box: FaceBox = [left, top, left + boxWidth, top + (y2 - y1) * scale];
        if (placed.some((nearer) => shareBehind(box, nearer.placement) > MOST_COVERED)) continue;
        placed.push({ ...plan, placement });
        break;
      }
    }
    return placed;
  }

  #widthOf(random: RandomNumbers): number {
    const [narrowest, widest] = this.#widths;
    const median = Math.log(MEDIAN_WIDTH * this.height);
    const found = random.normalValues(16, median, WIDTH_DEVIATION).map((value) => Math.exp(value));
    return Math.min(
      widest,
      Math.max(narrowest, found.find((width) => width >= narrowest && width <= widest) ?? narrowest),
    );
  }

  #drawFace(
    canvas: Canvas,
    { head, wearing, lookalike, placement, light }: PlacedFace,
    scene: Light,
    number: number,
  ): SceneFace {
    const { box, landmarks } = drawPortrait(
      canvas,
      head,
      {
        ...scene,
        brightness: scene.brightness * light.brightness,
        lightStrength: 0.7 * scene.lightStrength + 0.3 * light.lightStrength,
      },
      placement,
      number,
    );
    const label = wearing === 'none' ? 1 : wearing === 'worn' ? 0 : 2;
    return {
      box: this.#inside(box),
      label,
      name: MASK_CLASSES[label],
      wearing,
      lookalike,
      visible: 0,
      yawInDegrees: head.yawInDegrees,
      landmarks,
    };
  }

  /** Removes rounding errors of boxes at the edge of the picture. */
  #inside([x1, y1, x2, y2]: FaceBox): FaceBox {
    return [Math.max(0, x1), Math.max(0, y1), Math.min(this.width, x2), Math.min(this.height, y2)];
  }
}

interface PlannedFace {
  readonly head: Head;
  readonly wearing: MaskWearing;
  readonly lookalike: Lookalike;
  readonly light: Light;
}

interface PlacedFace extends PlannedFace {
  readonly placement: Placement;
}

/** Draws how a face looks, apart from its place. */
function planFace(random: RandomNumbers): PlannedFace {
  const draws = random.uniformValues(5);
  const kind = chosen(draws[0]!, MASK_CLASS_SHARES);
  const wearing: MaskWearing = kind === 0 ? 'worn' : kind === 1 ? 'none' : WRONG_WEARINGS[Math.floor(draws[1]! * 3)]!;
  const lookalike: Lookalike = wearing === 'none' ? LOOKALIKES[chosen(draws[2]!, LOOKALIKE_SHARES)]! : 'none';
  const occlusion: Occlusion = lookalike === 'scarf' || lookalike === 'hand' ? lookalike : 'none';
  const nuisances = drawNuisances(random.fork('nuisances'));
  const traits = traitsOf(random.normalValues(FACE_DIMENSIONS, 0, 1.1));
  const head = { ...nuisances, traits, look: drawLook(random.fork('look')), mask: wearing, occlusion };
  return {
    head: lookalike === 'beard' ? { ...head, beard: 0.6 + 0.4 * draws[3]! } : head,
    wearing,
    lookalike,
    light: { ...nuisances, brightness: 0.85 + 0.3 * draws[4]! },
  };
}

/** Share of a box that a nearer head and its shoulders hide. */
function shareBehind([x1, y1, x2, y2]: FaceBox, { centerX, centerY, scale }: Placement): number {
  let hidden = 0;
  for (let row = 0; row < GRID; row++)
    for (let column = 0; column < GRID; column++) {
      const x = Math.abs(x1 + ((column + 0.5) / GRID) * (x2 - x1) - centerX) / scale;
      const y = (y1 + ((row + 0.5) / GRID) * (y2 - y1) - centerY) / scale;
      const isBehindHead = (x / 1.05) ** 2 + ((y + 0.05) / 1.3) ** 2 < 1;
      if (isBehindHead || (y > 0 && y < 3.9 && x < Math.max(0.95, Math.min(1.75, 1.6 * y - 0.5)))) hidden++;
    }
  return hidden / GRID ** 2;
}

/** Share of a box's ellipse whose pixels show the head of that number. */
function visibleShare({ owner, width, height }: Canvas, [x1, y1, x2, y2]: FaceBox, number: number): number {
  let [seen, all] = [0, 0];
  for (let row = Math.floor(y1); row < Math.min(height, Math.ceil(y2)); row++)
    for (let column = Math.floor(x1); column < Math.min(width, Math.ceil(x2)); column++) {
      const x = (2 * (column + 0.5 - x1)) / (x2 - x1) - 1;
      const y = (2 * (row + 0.5 - y1)) / (y2 - y1) - 1;
      if (x * x + y * y > 0.9) continue;
      all++;
      if (owner[row * width + column] === number) seen++;
    }
  return all === 0 ? 1 : seen / all;
}
