import { between, type Traits } from './traits.ts';

/** sRGB, 0 to 1. */
export type Color = readonly [red: number, green: number, blue: number];

/** Colors of a face and of what it wears. */
export type FaceColors = ReturnType<typeof colorsOf>;

/** Colors of a face with given traits. */
export function colorsOf(traits: Traits) {
  const skin = toned(
    mixed([0.33, 0.2, 0.14], [0.97, 0.82, 0.72], between(traits.skinLightness, 0, 1) ** 0.8),
    0.07 * traits.skinWarmth,
  );
  const age = Math.max(0, traits.age - 0.15);
  const light = between(traits.hairLightness, 0, 1);
  const red = between(traits.hairWarmth, -0.25, 1);
  const natural = mixed(
    mixed([0.07, 0.055, 0.05], [0.2, 0.12, 0.07], red),
    mixed([0.76, 0.66, 0.5], [0.8, 0.42, 0.16], red),
    light ** 1.3,
  );
  const hair = mixed(natural, [0.72, 0.71, 0.7], age);
  const iris = mixed(
    traits.eyeColor < 0
      ? mixed([0.26, 0.15, 0.08], [0.36, 0.4, 0.2], traits.eyeColor + 1)
      : mixed([0.36, 0.4, 0.2], [0.3, 0.5, 0.72], traits.eyeColor),
    [0.08, 0.06, 0.05],
    between(traits.eyeLightness, 0.65, 0),
  );
  const lip = mixed(mixed(skin, [0.62, 0.28, 0.26], 0.55), [0.8, 0.16, 0.22], between(traits.lipColor, 0, 0.95));
  return {
    skin,
    hair,
    brow: mixed(hair, [0.1, 0.07, 0.05], 0.45),
    iris,
    lip,
    blush: mixed(skin, [0.88, 0.32, 0.28], 0.6),
    freckle: mixed(skin, [0.45, 0.22, 0.1], 0.75),
    nostril: mixed(skin, [0.12, 0.04, 0.03], 0.8),
    sclera: [0.95, 0.94, 0.92] as Color,
    pupil: [0.03, 0.03, 0.03] as Color,
    glint: [1, 1, 1] as Color,
    lash: mixed(hair, [0.06, 0.04, 0.03], 0.8),
    mouth: [0.24, 0.06, 0.07] as Color,
    teeth: [0.95, 0.93, 0.88] as Color,
    strap: [0.93, 0.94, 0.95] as Color,
  };
}

/** `a` with a share of `b`. */
function mixed(a: Color, b: Color, share: number): Color {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** A color moved from blue toward red. */
function toned([red, green, blue]: Color, warmth: number): Color {
  return [Math.min(1, red * (1 + 0.5 * warmth)), green * (1 + 0.2 * warmth), blue * (1 - 1.6 * warmth)];
}

/** Color of a hue (0 to 1), a saturation and a value. */
export function colorOf(hue: number, saturation: number, value: number): Color {
  const channel = (offset: number): number => {
    const place = (offset + hue * 6) % 6;
    return value - value * saturation * Math.max(0, Math.min(place, 4 - place, 1));
  };
  return [channel(5), channel(3), channel(1)];
}
