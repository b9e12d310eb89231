import { largest, meanAndDeviation, RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { anatomyOf, halfWidthAt } from './anatomy.ts';
import { Faces } from './faces.ts';
import { canvasOf } from './finish.ts';
import { MAX_VERTICES, shapeHead } from './head-surfaces.ts';
import { extentOf, PARTS, type FaceBox, type Head } from './head.ts';
import { drawLook } from './look.ts';
import { drawNuisances, neutralNuisances, type FaceNuisances } from './nuisances.ts';
import { drawPortrait } from './portrait.ts';
import { poseOf, SampleBuffer, Surface } from './surface.ts';
import { FACE_DIMENSIONS, TRAIT_NAMES, traitsOf } from './traits.ts';

const faces = new Faces(1);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Faces', () => {
  it('are functions of the seed and of the numbers of identity and picture', () => {
    const first = faces.picture(3, 2);
    new Faces(8, { size: 40 }).picture(0, 0);
    faces.picture(4, 2);
    expect(new Faces(1).picture(3, 2)).toEqual(first);
    for (const other of [faces.picture(3, 1), faces.picture(2, 2), new Faces(2).picture(3, 2)])
      expect(other.image.values).not.toEqual(first.image.values);
    expect([first.identity, first.index]).toEqual([3, 2]);
    expect(faces.identity(3)).toEqual(new Faces(1).identity(3));
    expect(faces.picture(2 ** 40, 2 ** 40).image.values).not.toEqual(first.image.values);
  });

  it('draw z from N(0, I) and w around it', () => {
    const far = new Faces(4, { size: 16, deviation: 0.3 });
    const [identities, changes]: [number[], number[]] = [[], []];
    for (let identity = 0; identity < 100; identity++) {
      const z = far.identity(identity);
      for (const value of z) identities.push(value);
      for (const index of [0, 1])
        for (const [at, value] of far.picture(identity, index).w.entries()) changes.push(value - z[at]!);
    }
    // 1,600 and 3,200 values: four standard errors.
    const [of, around] = [meanAndDeviation(identities), meanAndDeviation(changes)];
    expect(Math.abs(of.mean)).toBeLessThan(4 / Math.sqrt(1600));
    expect(Math.abs(of.standardDeviation - 1)).toBeLessThan(4 / Math.sqrt(3200));
    expect(Math.abs(around.mean)).toBeLessThan((4 * 0.3) / Math.sqrt(3200));
    expect(Math.abs(around.standardDeviation - 0.3)).toBeLessThan((4 * 0.3) / Math.sqrt(6400));
    const product = changes.reduce(
      (sum, value, at) => sum + value * identities[(at % 16) + 16 * Math.floor(at / 32)]!,
      0,
    );
    expect(Math.abs(product / changes.length)).toBeLessThan((4 * 0.3) / Math.sqrt(3200));
  });

  it('have sizes and kinds of pixels as asked', () => {
    const [bytes, floats] = [new Faces(1, { size: 48 }), new Faces(1, { size: 48, pixels: 'float32' })];
    const [{ image }, other] = [bytes.picture(0, 0), floats.picture(0, 0).image];
    expect([image.height, image.width, image.channels, image.values.length]).toEqual([48, 48, 3, 48 * 48 * 3]);
    expect(image.values).toBeInstanceOf(Uint8Array);
    expect(other.values).toBeInstanceOf(Float32Array);
    expect(largest(Array.from(other.values, (value, at) => Math.abs(255 * value - image.values[at]!)))).toBeLessThan(
      0.501,
    );
    // The same face at another size: landmarks scale.
    const [x, y] = faces.picture(0, 0).landmarks.noseTip;
    const nose = bytes.picture(0, 0).landmarks.noseTip;
    expect(nose[0]).toBeCloseTo(x * 0.75, 3);
    expect(nose[1]).toBeCloseTo(y * 0.75, 3);
  });

  it('keep nuisances apart from the identity, and take fixed ones', () => {
    const drawn = faces.picture(5, 0);
    const fixed = faces.picture(5, 0, { yawInDegrees: 30 });
    expect(fixed.w).toEqual(drawn.w);
    expect(fixed.nuisances).toEqual({ ...drawn.nuisances, yawInDegrees: 30 });
    const at = (nuisances: Partial<FaceNuisances>) => faces.picture(5, 0, { ...neutralNuisances, ...nuisances });
    const distance = (picture: ReturnType<typeof at>): number => {
      const { leftEye, rightEye, noseTip } = picture.landmarks;
      return noseTip[0] - (leftEye[0] + rightEye[0]) / 2;
    };
    expect(distance(at({}))).toBeCloseTo(0, 5);
    expect(distance(at({ yawInDegrees: 35 }))).toBeGreaterThan(2);
    expect(distance(at({ yawInDegrees: -35 }))).toBeCloseTo(-distance(at({ yawInDegrees: 35 })), 5);
    const { leftEye, rightEye } = at({ rollInDegrees: 15 }).landmarks;
    expect(Math.atan2(rightEye[1] - leftEye[1], rightEye[0] - leftEye[0])).toBeCloseTo((15 * Math.PI) / 180, 5);
    // A mask changes the mouth and not the eyes.
    const [bare, masked] = [at({}), at({ mask: 'worn' })];
    const change = ([x, y]: readonly [number, number]): number => {
      const pixel = 3 * (Math.floor(y) * 64 + Math.floor(x));
      return mean(
        [0, 1, 2].map((channel) =>
          Math.abs(bare.image.values[pixel + channel]! - masked.image.values[pixel + channel]!),
        ),
      );
    };
    const { noseTip } = bare.landmarks;
    expect(change([noseTip[0], noseTip[1] + 6])).toBeGreaterThan(20);
    expect(change(bare.landmarks.leftEye)).toBe(0);
  });

  it('are lit from the side of the light', () => {
    const sides = Array.from({ length: 12 }, (_, identity) =>
      [-70, 70].map((lightFromInDegrees) => {
        const { image, landmarks } = faces.picture(identity, 0, {
          ...neutralNuisances,
          lightFromInDegrees,
          lightStrength: 1,
        });
        const level = (x: number): number =>
          image.values[3 * (Math.floor(landmarks.noseTip[1]) * 64 + Math.floor(x)) + 1]!;
        return level(landmarks.leftEye[0] - 2) - level(landmarks.rightEye[0] + 2);
      }),
    );
    for (const [fromLeft, fromRight] of sides) {
      expect(fromLeft).toBeGreaterThan(0);
      expect(fromRight).toBeLessThan(0);
    }
  });

  it.each([
    [{ size: 8 }, 'faces: expected a size of 16 to 1024 pixels, got 8'],
    [{ deviation: 0 }, 'faces: expected a deviation above 0, at most 10, got 0'],
  ])('refuse %j', (options, message) => {
    expect(() => new Faces(1, options)).toThrow(message);
  });

  it('refuse numbers that are none', () => {
    expect(() => faces.picture(-1, 0)).toThrow('faces: expected an integer of at least 0, got -1');
    expect(() => faces.picture(0, 0.5)).toThrow('got 0.5');
  });
});

describe('traits', () => {
  it('show every coordinate of w in the picture', () => {
    const random = RandomNumbers.fromSeed(9);
    const look = drawLook(random);
    const drawn = (w: Float32Array): Float32Array => {
      const canvas = canvasOf(64, 64);
      canvas.values.fill(0.5);
      const head = { ...neutralNuisances, traits: traitsOf(w), look };
      drawPortrait(canvas, head, neutralNuisances, { centerX: 32, centerY: 34, scale: 24 }, 1);
      return canvas.values.slice();
    };
    for (let dimension = 0; dimension < FACE_DIMENSIONS; dimension++) {
      const differences = Array.from({ length: 5 }, (_, trial) => {
        const w = random.fork(trial).normalValues(FACE_DIMENSIONS);
        const [before, after] = [drawn(w), drawn(w.map((value, at) => (at === dimension ? value + 0.5 : value)))];
        return mean(Array.from(before, (value, at) => Math.abs(value - after[at]!)));
      });
      // A change of one standard deviation σ moves pixels by more than a level of 255 on average.
      expect(mean(differences)).toBeGreaterThan(1 / 255);
    }
  });

  it('mix two coordinates each, and stay between -1 and 1', () => {
    for (const [index, name] of TRAIT_NAMES.entries()) {
      const used = Array.from({ length: FACE_DIMENSIONS }, (_, dimension) => {
        const w = new Float32Array(FACE_DIMENSIONS);
        w[dimension] = 50;
        return Math.abs(traitsOf(w)[name]);
      });
      expect(used.filter((value) => value > 0.99)).toHaveLength(2);
      expect(used[index % FACE_DIMENSIONS]).toBeGreaterThan(0.99);
    }
  });
});

describe('nuisances', () => {
  const drawn = Array.from({ length: 4000 }, (_, index) => drawNuisances(RandomNumbers.fromSeed(2).fork(index)));
  /** Expects a share within four standard errors. */
  const expectShare = (isCounted: (nuisances: FaceNuisances) => boolean, share: number): void => {
    const found = drawn.filter(isCounted).length / drawn.length;
    expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / drawn.length));
  };

  it('have the documented distributions', () => {
    for (const edge of [-30, -10, 10, 30]) expectShare(({ yawInDegrees }) => yawInDegrees < edge, (edge + 40) / 80);
    expectShare(({ lightFromInDegrees }) => lightFromInDegrees < 0, 0.5);
    expectShare(({ glasses }) => glasses === 'none', 0.75);
    expectShare(({ glasses }) => glasses === 'dark', 0.05);
    expectShare(({ mask }) => mask === 'worn', 0.08);
    expectShare(({ mask }) => mask !== 'none', 0.1);
    expectShare(({ occlusion }) => occlusion !== 'none', 0.12);
    expectShare(({ mouthOpen }) => mouthOpen > 0, 1 / 3);
    const pitch = meanAndDeviation(drawn.map(({ pitchInDegrees }) => pitchInDegrees));
    expect(Math.abs(pitch.mean)).toBeLessThan((4 * 7) / Math.sqrt(4000));
    // Clipping at 18 takes 0.03 from the deviation of 7.
    expect(Math.abs(pitch.standardDeviation - 6.9)).toBeLessThan(0.4);
  });

  it('stay in their ranges', () => {
    const ranges: readonly (readonly [keyof FaceNuisances, number, number])[] = [
      ['yawInDegrees', -40, 40],
      ['pitchInDegrees', -18, 18],
      ['rollInDegrees', -20, 20],
      ['lightFromInDegrees', -80, 80],
      ['lightHeightInDegrees', -10, 70],
      ['lightStrength', 0, 1],
      ['brightness', 0.65, 1.25],
      ['smile', -1, 1],
      ['mouthOpen', 0, 1],
      ['eyesOpen', 0.25, 1],
      ['browRaise', -1, 1],
      ['hairJitter', -1, 1],
      ['scale', 0.9, 1.1],
      ['blurInPixels', 0, 1],
      ['noise', 0, 0.04],
    ];
    const outside = ranges.filter(([name, low, high]) =>
      drawn.some((nuisances) => !((nuisances[name] as number) >= low && (nuisances[name] as number) <= high)),
    );
    expect(outside).toEqual([]);
  });
});

describe('boxes', () => {
  it('are tight around the face as it is drawn alone', () => {
    const buffer = new SampleBuffer();
    const surface = new Surface(MAX_VERTICES);
    for (let trial = 0; trial < 40; trial++) {
      const random = RandomNumbers.fromSeed(6).fork(trial);
      const nuisances = drawNuisances(random.fork('nuisances'));
      const traits = traitsOf(random.normalValues(FACE_DIMENSIONS));
      const head: Head = { ...nuisances, traits, look: drawLook(random.fork('look')) };
      const anatomy = anatomyOf(traits, head, head.hairJitter);
      shapeHead(surface, anatomy);
      const pose = poseOf(head.yawInDegrees, head.pitchInDegrees, head.rollInDegrees);
      surface.place(pose, { centerX: 200, centerY: 200, scale: 100 });
      buffer.reset(400, 400);
      buffer.draw(surface, PARTS.skin);
      // Between two rows the surface is straight.
      const rows = Array.from({ length: surface.rows }, (_, row) => surface.v[row * surface.columns]!);
      const widthAt = (v: number): number => {
        const next = rows.findIndex((y) => y >= v);
        const [above, below] = [rows[Math.max(0, next - 1)]!, rows[next]!];
        const share = above === below ? 0 : (v - above) / (below - above);
        return halfWidthAt(anatomy, above) * (1 - share) + halfWidthAt(anatomy, below) * share;
      };
      let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let sample = 0; sample < 400 * 400; sample++) {
        const isFace = buffer.part[sample] === PARTS.skin && buffer.v[sample]! >= Math.max(-0.62, anatomy.hair.lineY);
        if (!isFace || Math.abs(buffer.u[sample]!) > widthAt(buffer.v[sample]!)) continue;
        [x1, x2] = [Math.min(x1, sample % 400), Math.max(x2, (sample % 400) + 1)];
        [y1, y2] = [Math.min(y1, Math.floor(sample / 400)), Math.max(y2, Math.floor(sample / 400) + 1)];
      }
      // The samples of the face lie in the box, and reach its edges to 2 % of its side.
      const box = extentOf(head).map((edge) => 200 + 100 * edge) as unknown as FaceBox;
      const [width, height] = [box[2] - box[0], box[3] - box[1]];
      for (const [gap, side] of [
        [x1 - box[0], width],
        [box[2] - x2, width],
        [y1 - box[1], height],
        [box[3] - y2, height],
      ] as const) {
        expect(gap).toBeGreaterThan(-1.5);
        expect(gap).toBeLessThan(0.02 * side);
      }
    }
  });

  it('are those of the head, wherever it is drawn', () => {
    const { nuisances, w, box } = faces.picture(2, 0);
    const head = { ...nuisances, traits: traitsOf(w), look: drawLook(RandomNumbers.fromSeed(0)) };
    const scale = 0.385 * 64 * nuisances.scale;
    const [centerX, centerY] = [64 * (0.5 + nuisances.shift[0]), 64 * (0.53 + nuisances.shift[1])];
    for (const [edge, value] of extentOf(head).entries())
      expect(box[edge]).toBeCloseTo((edge % 2 === 0 ? centerX : centerY) + scale * value, 3);
  });
});
