/** Surface of a part: a grid of vertices in head units, x to the right, y down and z toward the viewer. */
export class Surface {
  rows = 0;
  columns = 0;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  /** Coordinates that the part is painted in. */
  readonly u: Float32Array;
  readonly v: Float32Array;
  readonly normalX: Float32Array;
  readonly normalY: Float32Array;
  readonly normalZ: Float32Array;
  /** Places in the picture, in samples. */
  readonly sampleX: Float32Array;
  readonly sampleY: Float32Array;

  constructor(vertices: number) {
    const values = (): Float32Array => new Float32Array(vertices);
    [this.x, this.y, this.z, this.u, this.v] = [values(), values(), values(), values(), values()];
    [this.normalX, this.normalY, this.normalZ] = [values(), values(), values()];
    [this.sampleX, this.sampleY] = [values(), values()];
  }

  resize(rows: number, columns: number): void {
    if (rows * columns > this.x.length) throw new RangeError(`surface: at most ${this.x.length} vertices`);
    this.rows = rows;
    this.columns = columns;
  }

  set(index: number, x: number, y: number, z: number, u: number, v: number): void {
    this.x[index] = x;
    this.y[index] = y;
    this.z[index] = z;
    this.u[index] = u;
    this.v[index] = v;
  }

  /** Normals: cross products of the differences along columns and rows. */
  #orient(): void {
    const { rows, columns, x, y, z } = this;
    for (let row = 0, index = 0; row < rows; row++) {
      const up = row > 0 ? -columns : 0;
      const down = row < rows - 1 ? columns : 0;
      for (let column = 0; column < columns; column++, index++) {
        const left = index - (column > 0 ? 1 : 0);
        const right = index + (column < columns - 1 ? 1 : 0);
        const ax = x[right]! - x[left]!;
        const ay = y[right]! - y[left]!;
        const az = z[right]! - z[left]!;
        const bx = x[index + down]! - x[index + up]!;
        const by = y[index + down]! - y[index + up]!;
        const bz = z[index + down]! - z[index + up]!;
        const nx = ay * bz - az * by;
        const ny = az * bx - ax * bz;
        const nz = ax * by - ay * bx;
        const scale = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz + 1e-20);
        this.normalX[index] = nx * scale;
        this.normalY[index] = ny * scale;
        this.normalZ[index] = nz * scale;
      }
    }
  }

  /** Turns positions and normals by a pose, and projects them. */
  place(pose: Pose, { centerX, centerY, scale }: View): void {
    this.#orient();
    const { x, y, z, normalX, normalY, normalZ } = this;
    const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = pose;
    for (let index = 0; index < this.rows * this.columns; index++) {
      const [px, py, pz] = [x[index]!, y[index]!, z[index]!];
      const [nx, ny, nz] = [normalX[index]!, normalY[index]!, normalZ[index]!];
      normalX[index] = m0 * nx + m1 * ny + m2 * nz;
      normalY[index] = m3 * nx + m4 * ny + m5 * nz;
      normalZ[index] = m6 * nx + m7 * ny + m8 * nz;
      const depth = m6 * px + m7 * py + m8 * pz;
      const size = scale * perspective(depth);
      z[index] = depth;
      this.sampleX[index] = centerX + size * (m0 * px + m1 * py + m2 * pz);
      this.sampleY[index] = centerY + size * (m3 * px + m4 * py + m5 * pz);
    }
  }
}

/** Rotation matrix, row by row. */
export type Pose = readonly [number, number, number, number, number, number, number, number, number];

/** Where the head's origin lies, and the length of its unit, both in samples. */
export interface View {
  readonly centerX: number;
  readonly centerY: number;
  readonly scale: number;
}

/** Enlargement of what is nearer to the viewer than the head's center. */
export function perspective(depth: number): number {
  return 1 / (1 - 0.08 * depth);
}

/** Rotation by yaw (to the right), pitch (downward) and roll (clockwise), in degrees; the roll last. */
export function poseOf(yawInDegrees: number, pitchInDegrees: number, rollInDegrees: number): Pose {
  const radians = Math.PI / 180;
  const [cosYaw, sinYaw] = [Math.cos(yawInDegrees * radians), Math.sin(yawInDegrees * radians)];
  const [cosPitch, sinPitch] = [Math.cos(pitchInDegrees * radians), Math.sin(pitchInDegrees * radians)];
  const [cosRoll, sinRoll] = [Math.cos(rollInDegrees * radians), Math.sin(rollInDegrees * radians)];
  // Yaw: x' = x cos + z sin, z' = z cos - x sin. Pitch: y' = y cos + z sin, z' = z cos - y sin.
  const y = [-sinPitch * sinYaw, cosPitch, sinPitch * cosYaw] as const;
  const z = [-cosPitch * sinYaw, -sinPitch, cosPitch * cosYaw] as const;
  return [
    cosRoll * cosYaw - sinRoll * y[0],
    -sinRoll * y[1],
    cosRoll * sinYaw - sinRoll * y[2],
    sinRoll * cosYaw + cosRoll * y[0],
    cosRoll * y[1],
    sinRoll * sinYaw + cosRoll * y[2],
    ...z,
  ];
}

/** Decides by a part's own coordinates whether it is there: holes, hairlines and edges of cloth. */
export type Keep = (u: number, v: number) => boolean;

/** The nearest surface at each sample of a picture: part, coordinates, normal. */
export class SampleBuffer {
  width = 0;
  height = 0;
  /** Part at each sample; 0 where there is none. */
  part = new Uint8Array(0);
  depth = new Float32Array(0);
  u = new Float32Array(0);
  v = new Float32Array(0);
  normalX = new Float32Array(0);
  normalY = new Float32Array(0);
  normalZ = new Float32Array(0);

  /** Empties the buffer. Its memory is kept. */
  reset(width: number, height: number): void {
    this.width = width;
    this.height = height;
    const length = width * height;
    if (this.part.length < length) {
      this.part = new Uint8Array(length);
      for (const name of ['depth', 'u', 'v', 'normalX', 'normalY', 'normalZ'] as const)
        this[name] = new Float32Array(length);
    }
    this.part.fill(0, 0, length);
    this.depth.fill(-1e9, 0, length);
  }

  /** Draws a placed surface. Its back is drawn only where it is two-sided, with its normals turned. */
  draw(surface: Surface, part: number, { keep, isTwoSided = false }: { keep?: Keep; isTwoSided?: boolean } = {}): void {
    const { rows, columns } = surface;
    for (let row = 0; row + 1 < rows; row++)
      for (let column = 0; column + 1 < columns; column++) {
        const index = row * columns + column;
        const below = index + columns;
        this.#triangle(surface, index, index + 1, below, part, keep, isTwoSided);
        this.#triangle(surface, index + 1, below + 1, below, part, keep, isTwoSided);
      }
  }

  #triangle(
    surface: Surface,
    a: number,
    b: number,
    c: number,
    part: number,
    keep: Keep | undefined,
    isTwoSided: boolean,
  ): void {
    const { sampleX, sampleY, z, u, v, normalX, normalY, normalZ } = surface;
    const ax = sampleX[a]!;
    const ay = sampleY[a]!;
    const bx = sampleX[b]!;
    const by = sampleY[b]!;
    const cx = sampleX[c]!;
    const cy = sampleY[c]!;
    const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (isTwoSided ? area === 0 : area <= 0) return;
    const left = Math.max(0, Math.ceil((ax < bx ? (ax < cx ? ax : cx) : bx < cx ? bx : cx) - 0.5));
    const right = Math.min(this.width - 1, Math.floor((ax > bx ? (ax > cx ? ax : cx) : bx > cx ? bx : cx) - 0.5));
    const top = Math.max(0, Math.ceil((ay < by ? (ay < cy ? ay : cy) : by < cy ? by : cy) - 0.5));
    const bottom = Math.min(this.height - 1, Math.floor((ay > by ? (ay > cy ? ay : cy) : by > cy ? by : cy) - 0.5));
    if (left > right || top > bottom) return;
    const inverse = 1 / area;
    const turn = area > 0 ? 1 : -1;
    const stepB = (cy - ay) * inverse;
    const stepC = (ay - by) * inverse;
    const az = z[a]!;
    const bz = z[b]! - az;
    const cz = z[c]! - az;
    const depths = this.depth;
    for (let row = top; row <= bottom; row++) {
      const y = row + 0.5 - ay;
      const x = left + 0.5 - ax;
      let shareB = (x * (cy - ay) - y * (cx - ax)) * inverse;
      let shareC = (y * (bx - ax) - x * (by - ay)) * inverse;
      let index = row * this.width + left;
      for (let column = left; column <= right; column++, index++, shareB += stepB, shareC += stepC) {
        // The tolerance closes the seams between triangles.
        if (shareB < -1e-5 || shareC < -1e-5 || shareB + shareC > 1.00001) continue;
        const depth = az + shareB * bz + shareC * cz;
        if (depth <= depths[index]!) continue;
        const shareA = 1 - shareB - shareC;
        const atU = shareA * u[a]! + shareB * u[b]! + shareC * u[c]!;
        const atV = shareA * v[a]! + shareB * v[b]! + shareC * v[c]!;
        if (keep !== undefined && !keep(atU, atV)) continue;
        depths[index] = depth;
        this.part[index] = part;
        this.u[index] = atU;
        this.v[index] = atV;
        this.normalX[index] = turn * (shareA * normalX[a]! + shareB * normalX[b]! + shareC * normalX[c]!);
        this.normalY[index] = turn * (shareA * normalY[a]! + shareB * normalY[b]! + shareC * normalY[c]!);
        this.normalZ[index] = turn * (shareA * normalZ[a]! + shareB * normalZ[b]! + shareC * normalZ[c]!);
      }
    }
  }
}
