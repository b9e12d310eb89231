import { between, strengthOf, type Traits } from './traits.ts';

/** Expression of a face. */
export interface Expression {
  /** -1 (corners down) to 1 (corners up). */
  readonly smile: number;
  /** 0 (closed) to 1. */
  readonly mouthOpen: number;
  /** 0 (closed) to 1. */
  readonly eyesOpen: number;
  /** -1 (frown) to 1 (raised). */
  readonly browRaise: number;
}

/** Measures of a face in head units: the crown is at y = -1, the chin at 1; x = 0 is the middle. */
export type Anatomy = ReturnType<typeof anatomyOf>;

/** Measures of a face with given traits and expression. `hairJitter`, -1 to 1, changes the hair around the identity's. */
export function anatomyOf(traits: Traits, expression: Expression, hairJitter: number) {
  const headWidth = between(traits.headWidth, 0.66, 0.8);
  const eyeWidth = between(traits.eyeSize, 0.115, 0.175);
  const eyeX = between(traits.eyeSpacing, 0.245, 0.34);
  const eyeY = between(traits.eyeHeight, -0.06, 0.06);
  const noseTip = eyeY + between(traits.noseLength, 0.27, 0.43);
  const mouthY = Math.max(noseTip + 0.15, between(traits.mouthHeight, 0.5, 0.62));
  const length = between(traits.hairLength, 0, 1) + 0.04 * hairJitter;
  return {
    headWidth,
    jawTaper: between(traits.jawWidth, 0.46, 0.1),
    chinPower: between(traits.chinSquareness, 2, 3.8),
    cheeks: between(traits.cheeks, -0.03, 0.1),
    depth: 0.88,
    eyeX,
    eyeY,
    eyeWidth,
    eyeHeight: eyeWidth * between(traits.eyeShape, 0.42, 0.68),
    eyesOpen: expression.eyesOpen,
    eyeTilt: between(traits.eyeTilt, -0.24, 0.28),
    browY: eyeY - between(traits.browHeight, 0.16, 0.25) - 0.035 * expression.browRaise,
    browThickness: between(traits.browThickness, 0.014, 0.062),
    browLength: between(traits.browLength, 0.13, 0.19),
    browTilt: between(traits.browTilt, -0.05, 0.05) - 0.04 * Math.min(0, expression.browRaise),
    browRaise: expression.browRaise,
    noseTip,
    noseWidth: between(traits.noseWidth, 0.08, 0.18),
    noseProjection: between(traits.noseProjection, 0.13, 0.26),
    mouthY,
    mouthWidth: between(traits.mouthWidth, 0.16, 0.31) * (1 + 0.14 * expression.smile),
    upperLip: between(traits.lipThickness, 0.016, 0.075),
    lowerLip: between(traits.lipThickness, 0.026, 0.105),
    smile: expression.smile,
    mouthGap: 0.15 * expression.mouthOpen,
    age: strengthOf(traits.age, 1.6),
    earSize: between(traits.earSize, 0.65, 1.4),
    hair: {
      /** 0 (shaved) to 1 (below the shoulders). */
      length: Math.min(1, Math.max(0, length)),
      /** Thickness above the crown. */
      volume:
        between(traits.hairVolume, 0.05, 0.2) * (0.35 + 0.65 * Math.min(1, 2.5 * length)) * (1 + 0.25 * hairJitter),
      /** Height of the hairline above the nose, at the middle. */
      lineY: between(traits.hairline, -0.8, -0.36),
      parting: 0.3 * traits.parting,
      curl: strengthOf(traits.curl, 1.3),
    },
  };
}

/** Half the head's width at a height. */
export function halfWidthAt(anatomy: Anatomy, y: number): number {
  if (y <= 0) return anatomy.headWidth * (1 - Math.abs(y) ** 2.3) ** 0.46;
  const taper = 1 - anatomy.jawTaper * y ** 1.5;
  const cheek = 1 + anatomy.cheeks * bell((y - 0.25) / 0.25);
  return anatomy.headWidth * taper * cheek * Math.sqrt(Math.max(0, 1 - y ** anatomy.chinPower));
}

/** Distance from the middle of the head to its front, before the parts of the face are raised. */
export function frontAt(anatomy: Anatomy, y: number): number {
  return anatomy.depth * Math.sqrt(Math.max(0, 1 - Math.abs(y) ** (y < 0 ? 2.4 : 3.6)));
}

/** Height of nose, sockets, lips, cheeks and chin above the head's surface at a place of the face. */
export function reliefAt(anatomy: Anatomy, u: number, v: number): number {
  const { eyeX, eyeY, eyeWidth, noseTip, noseWidth, noseProjection, mouthY, mouthWidth, browY } = anatomy;
  const side = Math.abs(u);
  let height = 0;
  if (side < 0.5 && v > browY - 0.2 && v < 0.8) {
    height += 0.035 * bell((v - browY) / 0.09) * bell(side / 0.4);
    height -= 0.075 * bell((side - eyeX) / (eyeWidth * 1.25)) * bell((v - eyeY) / 0.11);
    height += 0.05 * bell((side - eyeX) / (eyeWidth * 0.75)) * bell((v - eyeY) / 0.07);
  }
  // The ridge of the nose rises from between the eyes to its tip.
  if (side < 0.4 && v > eyeY - 0.2 && v < noseTip + 0.2) {
    const along = (v - eyeY + 0.04) / (noseTip - eyeY + 0.04);
    const rise =
      along < 0
        ? 0.22 * bell((v - eyeY + 0.04) / 0.08)
        : along < 1
          ? 0.22 + 0.78 * along ** 1.4
          : bell((v - noseTip) / 0.05);
    const spread = noseWidth * (0.48 + 0.3 * Math.min(1, Math.max(0, along)));
    height += noseProjection * rise * bell(side / spread);
    height += 0.06 * bell((side - noseWidth * 0.78) / 0.05) * bell((v - noseTip - 0.005) / 0.05);
  }
  if (side < 0.5 && v > mouthY - 0.3) {
    height += 0.05 * bell((v - mouthY) / 0.2) * bell(side / 0.28);
    const across = bell(side / (mouthWidth * 0.8));
    height += 0.035 * across * bell((v - mouthY + anatomy.upperLip * 0.6 + anatomy.mouthGap / 2) / 0.035);
    height += 0.04 * across * bell((v - mouthY - anatomy.lowerLip * 0.6 - anatomy.mouthGap / 2) / 0.04);
    height += 0.07 * bell(side / 0.17) * bell((v - 0.87) / 0.1);
  }
  height +=
    (0.03 + 0.3 * anatomy.cheeks + 0.03 * Math.max(0, anatomy.smile)) *
    bell((side - 0.4) / 0.17) *
    bell((v - 0.26) / 0.17);
  return height;
}

/** Bell of height 1 that is 0 beyond a distance of 2: (1 - x² / 4)⁴, near exp(-x²) and several times as fast. */
export function bell(distance: number): number {
  const rest = 1 - 0.25 * distance * distance;
  return rest > 0 ? rest * rest * rest * rest : 0;
}

/** Cubic step from 0 at `low` to 1 at `high`, which may be below `low`. */
export function ramp(low: number, high: number, value: number): number {
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return share * share * (3 - 2 * share);
}
