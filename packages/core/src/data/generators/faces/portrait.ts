import { ramp } from './anatomy.ts';
import type { Color } from './colors.ts';
import { drawHead, PARTS, type FaceBox, type FaceLandmarks, type Head, type PlacedHead, type Point } from './head.ts';
import { valueNoise } from './noise.ts';
import { Skin } from './skin.ts';
import { SampleBuffer } from './surface.ts';
import { strapDistance } from './worn.ts';

/** Light on a head. */
export interface Light {
  readonly lightFromInDegrees: number;
  readonly lightHeightInDegrees: number;
  readonly lightStrength: number;
  readonly brightness: number;
}

/** Picture while it is drawn: RGB [height, width, 3], 0 to 1. */
export interface Canvas {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Number of the head that covers each pixel, the last one drawn; 0 where there is none. */
  readonly owner: Uint8Array;
}

/** Where a head is drawn. */
export interface Placement {
  /** Middle of the head, in pixels. */
  readonly centerX: number;
  readonly centerY: number;
  /** Half the height of the head, in pixels. */
  readonly scale: number;
}

const buffer = new SampleBuffer();
const color = new Float64Array(3);

/**
 * Draws a head over a picture: finds the nearest part at several samples a pixel, then colors each.
 * @param number of the head, from 1, for `owner`
 */
export function drawPortrait(
  canvas: Canvas,
  head: Head,
  light: Light,
  { centerX, centerY, scale }: Placement,
  number: number,
): { readonly box: FaceBox; readonly landmarks: FaceLandmarks } {
  const left = Math.max(0, Math.floor(centerX - 1.9 * scale));
  const right = Math.min(canvas.width, Math.ceil(centerX + 1.9 * scale));
  const top = Math.max(0, Math.floor(centerY - 1.7 * scale));
  const bottom = Math.min(canvas.height, Math.ceil(centerY + 4 * scale));
  const samples = scale < 7 ? 4 : scale < 16 ? 3 : 2;
  buffer.reset(Math.max(0, right - left) * samples, Math.max(0, bottom - top) * samples);
  const placed = drawHead(buffer, head, {
    centerX: (centerX - left) * samples,
    centerY: (centerY - top) * samples,
    scale: scale * samples,
  });
  const painter = new Painter(head, placed, light, scale * samples);
  const { width, part } = buffer;
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) {
      const first = (row - top) * samples * width + (column - left) * samples;
      let [red, green, blue, covered, painted] = [0, 0, 0, 0, 0];
      for (let down = 0; down < samples; down++)
        for (let across = 0; across < samples; across++) {
          const index = first + down * width + across;
          const found = part[index]!;
          if (found === 0) continue;
          // Samples of the same part share a color; on the skin, where details are finest, every other one does.
          if (found !== painted || (found === PARTS.skin && (down + across) % 2 === 0)) painter.paint(index);
          painted = found;
          red += color[0]!;
          green += color[1]!;
          blue += color[2]!;
          covered++;
        }
      if (covered === 0) continue;
      const share = 1 / (samples * samples);
      const rest = 1 - covered * share;
      const pixel = row * canvas.width + column;
      if (rest < 0.5) canvas.owner[pixel] = number;
      canvas.values[3 * pixel] = canvas.values[3 * pixel]! * rest + red * share;
      canvas.values[3 * pixel + 1] = canvas.values[3 * pixel + 1]! * rest + green * share;
      canvas.values[3 * pixel + 2] = canvas.values[3 * pixel + 2]! * rest + blue * share;
    }
  const toPixels = ([x, y]: Point): Point => [left + x / samples, top + y / samples];
  const { box, landmarks } = placed;
  const [x1, y1] = toPixels([box[0], box[1]]);
  const [x2, y2] = toPixels([box[2], box[3]]);
  return {
    box: [x1, y1, x2, y2],
    landmarks: {
      leftEye: toPixels(landmarks.leftEye),
      rightEye: toPixels(landmarks.rightEye),
      noseTip: toPixels(landmarks.noseTip),
      leftMouth: toPixels(landmarks.leftMouth),
      rightMouth: toPixels(landmarks.rightMouth),
    },
  };
}

/** Colors samples of one head. */
class Painter {
  readonly #head: Head;
  readonly #placed: PlacedHead;
  readonly #skin: Skin;
  readonly #light: readonly [x: number, y: number, z: number];
  readonly #half: readonly [x: number, y: number, z: number];
  readonly #ambient: number;
  readonly #direct: number;
  readonly #brightness: number;

  constructor(head: Head, placed: PlacedHead, light: Light, scale: number) {
    this.#head = head;
    this.#placed = placed;
    this.#skin = new Skin(placed.anatomy, head.traits, placed.colors, {
      softness: Math.max(0.012, 0.9 / scale),
      beard: placed.beard,
      gaze: head.look.gaze,
      straps: strapDistance(placed.anatomy, head.mask, head.look.side),
      seed: Math.floor(1000 * (head.traits.freckles + head.traits.age + 2)),
    });
    const [azimuth, height] = [
      (light.lightFromInDegrees * Math.PI) / 180,
      (light.lightHeightInDegrees * Math.PI) / 180,
    ];
    const [x, y, z] = [Math.sin(azimuth) * Math.cos(height), -Math.sin(height), Math.cos(azimuth) * Math.cos(height)];
    this.#light = [x, y, z];
    const length = Math.hypot(x, y, z + 1);
    this.#half = [x / length, y / length, (z + 1) / length];
    this.#ambient = 1 - 0.6 * light.lightStrength;
    this.#direct = 0.2 + 0.7 * light.lightStrength;
    this.#brightness = light.brightness;
  }

  /** Writes the color of a sample of the buffer to `color`. */
  paint(index: number): void {
    const part = buffer.part[index]!;
    const u = buffer.u[index]!;
    const v = buffer.v[index]!;
    const nx = buffer.normalX[index]!;
    const ny = buffer.normalY[index]!;
    const nz = buffer.normalZ[index]!;
    let gloss = 0.05;
    let depthOfShadow = 1;
    if (part === PARTS.skin) {
      this.#skin.paint(u, v, color);
      gloss = 0.1;
    } else if (part === PARTS.hair) {
      gloss = this.#paintHair(u, v, nz);
    } else if (part === PARTS.neck) {
      fill(this.#placed.colors.skin);
      depthOfShadow = 0.62 + 0.38 * ramp(0.95, 1.45, v);
    } else if (part === PARTS.ear) {
      fill(this.#placed.colors.skin);
      depthOfShadow = 1 - 0.35 * Math.exp(-(u * u * 5 + v * v * 3));
    } else if (part === PARTS.clothes) {
      this.#paintClothes(u, v);
    } else if (part === PARTS.mask) gloss = this.#paintMask(u, v);
    else if (part === PARTS.glasses) {
      fill(this.#head.look.frame);
      gloss = 0.5;
    } else if (part === PARTS.scarf) this.#paintScarf(u, v);
    else if (part === PARTS.hand) {
      fill(this.#placed.colors.skin);
      depthOfShadow = 0.97;
      gloss = 0.06;
    } else {
      fill(this.#head.look.object);
      if (Math.abs(u) > 0.86 || Math.abs(v) > 0.9) depthOfShadow = 0.55;
      gloss = 0.25;
    }
    this.#shade(nx, ny, nz, depthOfShadow, gloss);
  }

  #shade(nx: number, ny: number, nz: number, shadow: number, gloss: number): void {
    const inverse = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz + 1e-12);
    const toLight = (nx * this.#light[0] + ny * this.#light[1] + nz * this.#light[2]) * inverse;
    const diffuse = Math.max(0, (toLight + 0.3) / 1.3);
    const open = 0.66 + 0.12 * (1 - ny * inverse) + 0.14 * nz * inverse;
    const lit = this.#brightness * shadow * (this.#ambient * open + this.#direct * diffuse);
    const alongHalf = (nx * this.#half[0] + ny * this.#half[1] + nz * this.#half[2]) * inverse;
    const squared = alongHalf * alongHalf;
    const fourth = squared * squared;
    const shine = alongHalf > 0.5 ? this.#brightness * this.#direct * gloss * fourth * fourth * fourth : 0;
    // Shadows are warm: light that passes skin and walls loses its blue first.
    color[0] = color[0]! * lit + shine;
    color[1] = color[1]! * lit * (0.95 + 0.05 * Math.min(1, lit)) + shine;
    color[2] = color[2]! * lit * (0.9 + 0.1 * Math.min(1, lit)) + shine;
  }

  #paintHair(angle: number, y: number, nz: number): number {
    const { hair } = this.#placed.colors;
    const { curl } = this.#placed.anatomy.hair;
    const strands = valueNoise(angle * 13 + 2 * curl * Math.sin(9 * y), y * (2.2 + 5 * curl), 5);
    const shade = 0.72 + 0.42 * strands - (nz < 0.25 ? 0.2 * (0.25 - nz) : 0);
    color[0] = hair[0] * shade;
    color[1] = hair[1] * shade;
    color[2] = hair[2] * shade;
    return 0.12 + 0.2 * strands;
  }

  #paintClothes(x: number, y: number): void {
    const { clothes, scarfStripes, clothesStyle } = this.#head.look;
    const isStripe = clothesStyle > 0.6 && Math.sin(15 * y) > 0.5;
    const isCheck = clothesStyle > 0.85 && Math.sin(15 * x) > 0.5;
    fill(isStripe || isCheck ? scarfStripes : clothes);
    // The collar.
    if (y < 1.5 && Math.abs(x) < 0.55) scaleColor(0.8);
    scaleColor(0.9 + 0.2 * valueNoise(5 * x, 1.5 * y, 9));
  }

  #paintMask(u: number, v: number): number {
    const { maskColor, maskStyle, scarf } = this.#head.look;
    fill(maskColor);
    if (maskStyle === 1) {
      const pleat = 1 - 0.2 * Math.max(0, Math.sin(24 * v)) ** 6;
      scaleColor(pleat);
    } else if (maskStyle === 2) {
      const cell = valueNoise(u * 9, v * 9, 3);
      if (cell > 0.56) fill(scarf);
    }
    return 0.03;
  }

  #paintScarf(angle: number, v: number): void {
    const { scarf, scarfStripes, scarfHeight } = this.#head.look;
    fill(Math.sin(v * 17 + angle * 2) > 0.6 - scarfHeight ? scarfStripes : scarf);
    scaleColor(0.88 + 0.12 * Math.sin(angle * 42) * Math.sin(v * 60));
  }
}

function fill([red, green, blue]: Color): void {
  color[0] = red;
  color[1] = green;
  color[2] = blue;
}

function scaleColor(factor: number): void {
  color[0]! *= factor;
  color[1]! *= factor;
  color[2]! *= factor;
}
