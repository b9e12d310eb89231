import { anatomyOf, halfWidthAt, type Anatomy, type Expression } from './anatomy.ts';
import { colorsOf, type FaceColors } from './colors.ts';
import { hairline, isHanging, shapeHair } from './hair.ts';
import {
  MAX_VERTICES,
  pointOnFace,
  shapeEllipsoid,
  shapeHead,
  shapeNeck,
  shapeRod,
  shapeShoulders,
} from './head-surfaces.ts';
import type { Look } from './look.ts';
import type { Occlusion } from './nuisances.ts';
import { perspective, poseOf, Surface, type Pose, type SampleBuffer, type View } from './surface.ts';
import type { Traits } from './traits.ts';
import {
  glassesOutline,
  maskOutline,
  shapeGlasses,
  shapeMask,
  shapeScarf,
  type Glasses,
  type MaskWearing,
} from './worn.ts';

/** Everything that decides how a head looks, but its light and its place. */
export interface Head extends Expression {
  readonly traits: Traits;
  readonly look: Look;
  readonly yawInDegrees: number;
  readonly pitchInDegrees: number;
  readonly rollInDegrees: number;
  readonly glasses: Glasses;
  readonly mask: MaskWearing;
  readonly occlusion: Occlusion;
  readonly hairJitter: number;
  /** 0 (shaved) to 1 (full beard). Default: as the traits say. */
  readonly beard?: number;
}

/** Parts of a head in a `SampleBuffer`. */
export const PARTS = Object.freeze({
  nothing: 0,
  skin: 1,
  ear: 2,
  neck: 3,
  clothes: 4,
  hair: 5,
  mask: 6,
  glasses: 7,
  scarf: 8,
  hand: 9,
  object: 10,
});

export type Point = readonly [x: number, y: number];
/** Edges of a box, in pixels: `[x1, x2)` × `[y1, y2)`. */
export type FaceBox = readonly [x1: number, y1: number, x2: number, y2: number];

/** Places of a face in pixels; the center of the first pixel is at ½. Left and right are those of the picture. */
export interface FaceLandmarks {
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly noseTip: Point;
  readonly leftMouth: Point;
  readonly rightMouth: Point;
}

/** A head as drawn into a buffer. Places are in samples. */
export interface PlacedHead {
  readonly anatomy: Anatomy;
  readonly colors: FaceColors;
  readonly beard: number;
  readonly box: FaceBox;
  readonly landmarks: FaceLandmarks;
}

/** Highest place of a face for its box, where the hairline is still higher. */
const FOREHEAD_Y = -0.62;

/** Reused for all parts: a head has some thousands of vertices. */
const surface = new Surface(MAX_VERTICES);

/** Draws the parts of a head. */
export function drawHead(buffer: SampleBuffer, head: Head, view: View): PlacedHead {
  const { traits, look, glasses, mask, occlusion } = head;
  const anatomy = anatomyOf(traits, head, head.hairJitter);
  const pose = poseOf(head.yawInDegrees, head.pitchInDegrees, head.rollInDegrees);
  const bodyPose = poseOf(0.35 * head.yawInDegrees, 0, 0.3 * head.rollInDegrees);

  shapeHead(surface, anatomy);
  draw(buffer, pose, view, PARTS.skin);
  const box = boxOf(anatomy);
  if (anatomy.hair.length > 0.02) {
    shapeHair(surface, anatomy);
    surface.place(pose, view);
    buffer.draw(surface, PARTS.hair, { keep: hairline(anatomy), isTwoSided: isHanging(anatomy) });
  }
  if (glasses !== 'none') {
    shapeGlasses(surface, anatomy);
    surface.place(pose, view);
    buffer.draw(surface, PARTS.glasses, { keep: glassesOutline(anatomy, glasses) });
  }
  if (mask !== 'none') {
    shapeMask(surface, anatomy, mask, look.side);
    surface.place(pose, view);
    buffer.draw(surface, PARTS.mask, { keep: maskOutline(anatomy, mask), isTwoSided: mask === 'hanging' });
  }
  if (occlusion === 'scarf') {
    const top = anatomy.noseTip - 0.12 + (1 - look.scarfHeight) * (anatomy.mouthY - anatomy.noseTip + 0.22);
    shapeScarf(surface, anatomy, top);
    draw(buffer, pose, view, PARTS.scarf);
  } else if (occlusion === 'hand') drawHand(buffer, anatomy, look, pose, view);
  else if (occlusion === 'object') drawObject(buffer, look, pose, view);
  // What lies behind comes last: less is drawn twice.
  for (const side of [-1, 1]) {
    const size = anatomy.earSize;
    shapeEllipsoid(surface, [side * anatomy.headWidth * 1.02, 0.09, -0.06], [0.1 * size, 0.2 * size, 0.12]);
    draw(buffer, pose, view, PARTS.ear);
  }
  shapeNeck(surface, anatomy);
  draw(buffer, bodyPose, view, PARTS.neck);
  shapeShoulders(surface, anatomy);
  draw(buffer, bodyPose, view, PARTS.clothes);
  const beard = head.beard ?? Math.max(0, (traits.beard + 0.3) / 1.3);
  return { anatomy, colors: colorsOf(traits), beard, box, landmarks: landmarksOf(anatomy, pose, view) };
}

/** Box of a head whose middle is at 0 and whose unit is a pixel. */
export function extentOf(head: Head): FaceBox {
  const anatomy = anatomyOf(head.traits, head, head.hairJitter);
  shapeHead(surface, anatomy);
  surface.place(poseOf(head.yawInDegrees, head.pitchInDegrees, head.rollInDegrees), {
    centerX: 0,
    centerY: 0,
    scale: 1,
  });
  return boxOf(anatomy);
}

function draw(buffer: SampleBuffer, pose: Pose, view: View, part: number): void {
  surface.place(pose, view);
  buffer.draw(surface, part);
}

/** Extent of the placed head's face, as far as it is turned to the viewer: from hairline to chin, and from ear to ear. */
function boxOf(anatomy: Anatomy): FaceBox {
  const top = Math.max(FOREHEAD_Y, anatomy.hair.lineY);
  const { rows, columns, u, v, sampleX, sampleY, normalZ } = surface;
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  /** Includes the point at a share of the way between two vertices. */
  const include = (from: number, to: number, share: number): void => {
    const x = sampleX[from]! + share * (sampleX[to]! - sampleX[from]!);
    const y = sampleY[from]! + share * (sampleY[to]! - sampleY[from]!);
    x1 = Math.min(x1, x);
    x2 = Math.max(x2, x);
    y1 = Math.min(y1, y);
    y2 = Math.max(y2, y);
  };
  for (let row = 0; row < rows; row++) {
    const halfWidth = halfWidthAt(anatomy, v[row * columns]!) + 1e-6;
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      if (Math.abs(u[index]!) > halfWidth) continue;
      const facing = normalZ[index]!;
      const below = index + columns;
      if (v[index]! >= top) {
        if (facing >= 0) include(index, index, 0);
        // The outline lies between a vertex turned to the viewer and one turned away.
        const next = index + 1;
        if (column + 1 < columns && Math.abs(u[next]!) <= halfWidth && facing * normalZ[next]! < 0)
          include(index, next, facing / (facing - normalZ[next]!));
      } else if (row + 1 < rows && v[below]! > top && facing >= 0) {
        // The hairline lies between two rows.
        include(index, below, (top - v[index]!) / (v[below]! - v[index]!));
      }
    }
  }
  return [x1, y1, x2, y2];
}

function landmarksOf(anatomy: Anatomy, pose: Pose, view: View): FaceLandmarks {
  const { eyeX, eyeY, noseTip, mouthWidth, mouthY, smile } = anatomy;
  const corner = mouthY - 0.04 * smile;
  const at = (u: number, v: number): Point => project(pointOnFace(anatomy, u, v), pose, view);
  return {
    leftEye: at(-eyeX, eyeY),
    rightEye: at(eyeX, eyeY),
    noseTip: at(0, noseTip),
    leftMouth: at(-mouthWidth, corner),
    rightMouth: at(mouthWidth, corner),
  };
}

function project([x, y, z]: readonly [number, number, number], pose: Pose, view: View): Point {
  const size = view.scale * perspective(pose[6] * x + pose[7] * y + pose[8] * z);
  return [
    view.centerX + size * (pose[0] * x + pose[1] * y + pose[2] * z),
    view.centerY + size * (pose[3] * x + pose[4] * y + pose[5] * z),
  ];
}

/** Hand before mouth and chin: four fingers that come from one side, a thumb, and the back of the hand. */
function drawHand(buffer: SampleBuffer, anatomy: Anatomy, { side, placeY, turn }: Look, pose: Pose, view: View): void {
  const [x, y] = [0.62 * side, anatomy.mouthY + 0.3 + 0.15 * placeY];
  const angle = -0.45 * side * (0.8 + turn);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const at = (along: number, across: number, z: number): readonly [number, number, number] => [
    x - side * along * cosine - across * sine * -side,
    y + along * sine * side * -1 * -side + across * cosine,
    z,
  ];
  for (const [finger, length] of [0.88, 1, 0.95, 0.76].entries()) {
    const across = -0.3 + finger * 0.155;
    shapeRod(surface, at(0, across, 1.12), at(0.78 * length, across * 0.9, 1.2), 0.085);
    draw(buffer, pose, view, PARTS.hand);
  }
  shapeRod(surface, at(-0.1, 0.2, 1.1), at(0.35, 0.42, 1.15), 0.09);
  draw(buffer, pose, view, PARTS.hand);
  const [palmX, palmY] = at(-0.22, -0.04, 0);
  shapeEllipsoid(surface, [palmX, palmY, 1], [0.36, 0.34, 0.2]);
  draw(buffer, pose, view, PARTS.hand);
  shapeRod(surface, [palmX + 0.1 * side, palmY + 0.2, 0.95], [palmX + 0.5 * side, palmY + 1.6, 0.8], 0.24);
  draw(buffer, pose, view, PARTS.clothes);
}

/** Flat thing, such as a book or a telephone, before one part of the face. */
function drawObject(buffer: SampleBuffer, { placeX, placeY, turn, side }: Look, pose: Pose, view: View): void {
  const [centerX, centerY] = [side * (0.25 + 0.4 * placeX), -0.5 + 1.4 * placeY];
  const [halfWidth, halfHeight] = [0.2 + 0.12 * placeY, 0.3 + 0.12 * placeX];
  const [cosine, sine] = [Math.cos(turn * 1.6), Math.sin(turn * 1.6)];
  surface.resize(3, 3);
  for (let row = -1, index = 0; row <= 1; row++)
    for (let column = -1; column <= 1; column++) {
      const [x, y] = [column * halfWidth, row * halfHeight];
      surface.set(index++, centerX + x * cosine - y * sine, centerY + x * sine + y * cosine, 1.3, column, row);
    }
  draw(buffer, pose, view, PARTS.object);
}
