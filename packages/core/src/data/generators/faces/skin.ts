import { bell, ramp, type Anatomy } from './anatomy.ts';
import type { Color, FaceColors } from './colors.ts';
import { valueNoise } from './noise.ts';
import { between, strengthOf, type Traits } from './traits.ts';

/** Color of the skin, with all that is painted on it: brows, eyes, nostrils, lips, beard, freckles, wrinkles. */
export class Skin {
  readonly #anatomy: Anatomy;
  readonly #colors: FaceColors;
  /** Edges are this soft, in head units: about a sample. */
  readonly #soft: number;
  readonly #traits: Traits;
  readonly #straps: (u: number, v: number) => number;
  readonly #gaze: number;
  readonly #beard: number;
  readonly #seed: number;
  #red = 0;
  #green = 0;
  #blue = 0;

  constructor(
    anatomy: Anatomy,
    traits: Traits,
    colors: FaceColors,
    options: {
      readonly softness: number;
      readonly beard: number;
      readonly gaze: number;
      readonly straps: (u: number, v: number) => number;
      readonly seed: number;
    },
  ) {
    this.#anatomy = anatomy;
    this.#traits = traits;
    this.#colors = colors;
    this.#soft = options.softness;
    this.#beard = options.beard;
    this.#gaze = options.gaze;
    this.#straps = options.straps;
    this.#seed = options.seed;
  }

  #mix(color: Color, share: number, shade = 1): void {
    this.#red += (color[0] * shade - this.#red) * share;
    this.#green += (color[1] * shade - this.#green) * share;
    this.#blue += (color[2] * shade - this.#blue) * share;
  }

  #darken(share: number): void {
    this.#red *= 1 - 0.75 * share;
    this.#green *= 1 - share;
    this.#blue *= 1 - share;
  }

  /** Share of coverage for a signed distance. */
  #within(distance: number): number {
    return Math.min(1, Math.max(0, 0.5 - distance / this.#soft));
  }

  /** Writes the color at (u, v) to `output`. */
  paint(u: number, v: number, output: Float64Array): void {
    [this.#red, this.#green, this.#blue] = this.#colors.skin;
    const side = Math.abs(u);
    const { eyeX, eyeY, mouthY, browY } = this.#anatomy;
    this.#paintComplexion(u, v);
    if (v > 0.05 || side > 0.5) this.#paintBeard(u, v);
    if (side < 0.7 && Math.abs(v - browY) < 0.16) this.#paintBrow(side, v);
    if (Math.abs(v - eyeY) < 0.22 && Math.abs(side - eyeX) < 0.26) this.#paintEye(u, v);
    if (side < 0.3) this.#paintNose(side, v);
    if (side < 0.42 && Math.abs(v - mouthY) < 0.22) this.#paintMouth(u, v);
    const strap = this.#straps(u, v);
    if (strap < 0.05) this.#mix(this.#colors.strap, this.#within(strap - 0.014));
    output[0] = this.#red;
    output[1] = this.#green;
    output[2] = this.#blue;
  }

  #paintComplexion(u: number, v: number): void {
    const { eyeX, eyeY, noseTip, mouthY, mouthWidth, noseWidth, age, smile, hair, browRaise } = this.#anatomy;
    const side = Math.abs(u);
    const blush = between(this.#traits.blush, 0, 0.5);
    const flushed =
      bell((side - 0.4) / 0.17) * bell((v - noseTip + 0.02) / 0.14) +
      0.5 * bell(side / 0.1) * bell((v - noseTip) / 0.09);
    this.#mix(this.#colors.blush, blush * Math.min(1, flushed));
    this.#darken(0.16 * bell((side - eyeX) / 0.15) * bell((v - eyeY) / 0.12));
    // Shadow of the hair.
    if (hair.length > 0.1) this.#darken(0.22 * ramp(hair.lineY + 0.16, hair.lineY, v) * ramp(0.9, 0.5, side));
    const freckles = strengthOf(this.#traits.freckles, 2.2);
    if (freckles > 0.05 && v > eyeY - 0.1 && v < mouthY + 0.1) {
      const place = bell((side - 0.3) / 0.28) * bell((v - noseTip + 0.06) / 0.2);
      const spot = place > 0.02 ? valueNoise(u * 38 + 7, v * 38, this.#seed + 1) : 0;
      this.#mix(this.#colors.freckle, 0.7 * freckles * place * ramp(0.66, 0.8, spot));
    }
    if (age > 0.02) {
      const lines = Math.sin((v + 0.06 * u * u) * 44) ** 8 * bell(side / 0.42) * bell((v - (eyeY - 0.42)) / 0.13);
      this.#darken(0.3 * age * lines * (1 + 0.5 * browRaise));
      this.#darken(0.25 * age * bell((side - eyeX) / 0.1) * bell((v - eyeY - 0.13) / 0.025));
      const outer = side - eyeX - 0.2;
      if (outer > -0.03 && outer < 0.12)
        this.#darken(
          0.25 * age * bell((outer - 0.04) / 0.05) * Math.sin((v - eyeY) * 60) ** 6 * bell((v - eyeY) / 0.09),
        );
    }
    const crease = Math.max(0.3 * Math.max(0, smile), 0.45 * age);
    if (crease > 0.02 && v > noseTip - 0.02 && v < mouthY + 0.06) {
      const down = (v - noseTip) / (mouthY - noseTip);
      const line = noseWidth + 0.03 + (mouthWidth + 0.05 - noseWidth - 0.03) * down;
      this.#darken(crease * bell((side - line) / 0.022) * ramp(-0.1, 0.2, down));
    }
  }

  #paintBeard(u: number, v: number): void {
    const { mouthY, mouthWidth, noseTip, upperLip, lowerLip } = this.#anatomy;
    const side = Math.abs(u);
    const beard = this.#beard;
    if (beard <= 0) return;
    const jaw = ramp(0, 0.12, v - (noseTip + 0.14 - 0.5 * (side - 0.3)));
    const moustache = ramp(0.06, 0.09, v - noseTip) * ramp(mouthWidth + 0.12, mouthWidth, side);
    const away =
      (side / (mouthWidth + 0.015)) ** 2 + ((v - mouthY) / (v < mouthY ? upperLip + 0.02 : lowerLip + 0.03)) ** 2;
    const place = Math.max(jaw * ramp(0.16, 0.36, side + Math.max(0, v - mouthY)), moustache) * ramp(0.9, 1.25, away);
    if (place <= 0) return;
    const strands = 0.72 + 0.5 * valueNoise(u * 34, v * 17, this.#seed + 2);
    const dense = ramp(0, 0.55, beard);
    this.#mix(this.#colors.hair, place * dense * (0.55 + 0.45 * ramp(0.3, 0.8, beard)), strands);
  }

  #paintBrow(side: number, v: number): void {
    const { eyeX, browY, browLength, browThickness, browTilt } = this.#anatomy;
    const along = (side - eyeX - 0.01) / browLength;
    if (along < -1.15 || along > 1.15) return;
    const center = browY - 0.04 * (1 - along * along) + browTilt * along * -1 + 0.012;
    const thickness =
      browThickness * (along < 0 ? 1 - 0.1 * along * along : 1 - 0.75 * along * along) * (Math.abs(along) > 1 ? 0 : 1);
    const strands = 0.8 + 0.3 * Math.sin(side * 160 + v * 60);
    this.#mix(this.#colors.brow, 0.92 * strands * this.#within(Math.abs(v - center) - thickness));
  }

  #paintEye(u: number, v: number): void {
    const { eyeX, eyeY, eyeWidth, eyeTilt, eyesOpen } = this.#anatomy;
    const eye = Math.sign(u);
    const [x, y] = [Math.abs(u) - eyeX, v - eyeY];
    const across = (x - y * eyeTilt) / eyeWidth;
    const down = y + x * eyeTilt;
    const arch = 1 - Math.min(1, across * across);
    const height = this.#anatomy.eyeHeight;
    const upper = -height * 1.05 * eyesOpen * arch ** 0.75 + 0.25 * height * (1 - eyesOpen);
    const lower = height * 0.62 * arch ** 0.9;
    // The fold above the lid.
    const fold = -height * (0.55 + 0.75 * eyesOpen) * Math.max(0, 1.1 - across * across) ** 0.6 - 0.022;
    if (Math.abs(across) < 1.05) this.#darken(0.3 * bell((down - fold) / 0.014));
    if (Math.abs(across) < 1) {
      const inside = this.#within(Math.max(upper - down, down - lower));
      if (inside > 0) {
        const { sclera, iris, pupil } = this.#colors;
        const shade = 1 - 0.28 * bell((down - upper) / 0.035) - 0.15 * across * across;
        this.#mix(sclera, inside, shade);
        const irisX = x - eye * this.#gaze * eyeWidth * 0.3;
        const radius = height * 0.98;
        const distance = Math.sqrt(irisX * irisX + (down + 0.012) ** 2);
        const ring = 1 - 0.45 * ramp(0.65, 1, distance / radius);
        this.#mix(iris, inside * this.#within(distance - radius), ring);
        this.#mix(pupil, inside * this.#within(distance - radius * 0.45));
        const glint = Math.sqrt((irisX + eye * 0.018) ** 2 + (down + 0.038) ** 2);
        this.#mix(this.#colors.glint, 0.9 * inside * this.#within(glint - radius * 0.24));
      }
    }
    if (Math.abs(across) < 1.12) {
      const lash = 0.013 + 0.006 * across;
      this.#mix(
        this.#colors.lash,
        0.88 * this.#within(Math.abs(down - upper + 0.006) - lash) * ramp(1.12, 0.95, Math.abs(across)),
      );
      this.#mix(
        this.#colors.lash,
        0.28 * this.#within(Math.abs(down - lower) - 0.006) * ramp(1, 0.8, Math.abs(across)),
      );
    }
  }

  #paintNose(side: number, v: number): void {
    const { noseTip, noseWidth, eyeY } = this.#anatomy;
    if (v > noseTip - 0.1 && v < noseTip + 0.2) {
      const nostril =
        ((side - noseWidth * 0.5) / (noseWidth * 0.3)) ** 2 +
        ((v - noseTip - 0.05 + 0.1 * (side - noseWidth * 0.5)) / 0.021) ** 2;
      this.#mix(this.#colors.nostril, 0.85 * ramp(1.5, 0.6, nostril));
      this.#darken(0.28 * bell((v - noseTip - 0.085) / 0.035) * bell(side / (noseWidth * 0.9)));
      this.#darken(0.3 * bell((side - noseWidth * 1.08) / 0.018) * bell((v - noseTip - 0.01) / 0.045));
    }
    if (v > eyeY - 0.05 && v < noseTip)
      this.#darken(0.1 * bell((side - noseWidth * 0.75) / 0.035) * ramp(eyeY - 0.05, noseTip, v));
  }

  #paintMouth(u: number, v: number): void {
    const { mouthY, mouthWidth, upperLip, lowerLip, mouthGap, smile } = this.#anatomy;
    const across = u / mouthWidth;
    const curve = Math.min(1.2, across * across);
    const middle = mouthY + 0.014 * smile - 0.055 * smile * curve;
    const arch = Math.max(0, 1 - curve);
    const gap = mouthGap * 0.5 * arch ** 0.6;
    const cupid = 1 - 0.22 * bell(across / 0.16);
    const top = middle - gap - upperLip * arch ** 0.62 * cupid;
    const bottom = middle + gap + lowerLip * arch ** 0.6;
    if (Math.abs(across) < 1.04) {
      const lips = this.#within(Math.max(top - v, v - bottom));
      const { lip } = this.#colors;
      const shade = v < middle ? 0.84 : 1.05;
      this.#mix(lip, 0.85 * lips * ramp(1.04, 0.9, Math.abs(across)), shade);
      if (gap > 0.004) {
        const open = this.#within(Math.max(middle - gap - v, v - middle - gap));
        this.#mix(this.#colors.mouth, open);
        const teeth = this.#within(Math.max(middle - gap - v, v - middle + gap * 0.25));
        this.#mix(this.#colors.teeth, 0.92 * Math.min(open, teeth) * ramp(1, 0.75, Math.abs(across)));
      } else
        this.#mix(
          this.#colors.mouth,
          0.75 * this.#within(Math.abs(v - middle) - 0.008) * ramp(1.1, 0.92, Math.abs(across)),
        );
    }
    this.#darken(0.22 * bell((v - bottom - 0.035) / 0.03) * bell(across / 0.7));
    this.#darken(0.25 * bell((Math.abs(across) - 1.05) / 0.1) * bell((v - middle) / 0.025));
  }
}
