/** Class names, by label. */
export const DOODLE_NAMES = ['sun', 'house', 'tree', 'fish', 'boat', 'face', 'flower', 'umbrella'] as const;
export type DoodleName = (typeof DOODLE_NAMES)[number];

export type Point = readonly [x: number, y: number];
/** Draws a uniform number in [low, high). */
export type Draw = (low: number, high: number) => number;

/** Strokes of each figure in natural drawing order; coordinates from -1 to 1, y down. */
export const FIGURES: Readonly<Record<DoodleName, (draw: Draw) => Point[][]>> = {
  sun: (draw) => {
    const [rays, radius] = [Math.floor(draw(7, 12)), draw(0.35, 0.5)];
    const turn = draw(0, 1);
    return [
      arc(0, 0, radius, radius, turn, turn + 1),
      ...Array.from({ length: rays }, (_, ray) => {
        const angle = 2 * Math.PI * (turn + ray / rays);
        const [x, y] = [Math.cos(angle), Math.sin(angle)];
        const [from, to] = [radius + 0.12, draw(0.85, 1)];
        return straight([x * from, y * from], [x * to, y * to]);
      }),
    ];
  },
  house: (draw) => {
    const [width, eaves, door] = [draw(0.6, 0.85), draw(-0.25, 0), draw(-0.3, 0.15)];
    return [
      straight([-width, eaves], [-width, 0.9], [width, 0.9], [width, eaves], [-width, eaves]),
      straight([-width - 0.12, eaves], [draw(-0.1, 0.1), draw(-1, -0.75)], [width + 0.12, eaves]),
      straight([door, 0.9], [door, 0.4], [door + 0.25, 0.4], [door + 0.25, 0.9]),
      ...(draw(0, 1) < 0.6 ? [straight([-0.5, 0.15], [-0.5, 0.4], [-0.32, 0.4], [-0.32, 0.15], [-0.5, 0.15])] : []),
    ];
  },
  tree: (draw) => {
    const [width, foot] = [draw(0.08, 0.16), draw(0.8, 1)];
    const trunk = [straight([-width, 0.2], [-width, foot]), straight([width, 0.2], [width, foot])];
    if (draw(0, 1) < 0.5) return [cloud(0, -0.35, draw(0.6, 0.75), draw(0.5, 0.65), Math.floor(draw(6, 10))), ...trunk];
    const tiers = Math.floor(draw(2, 4));
    return [
      ...Array.from({ length: tiers }, (_, tier) => {
        const bottom = 0.25 - (tier * 0.9) / tiers;
        const half = 0.75 - (tier * 0.4) / tiers;
        return straight([-half, bottom], [0, bottom - 0.65], [half, bottom], [-half, bottom]);
      }),
      ...trunk,
    ];
  },
  fish: (draw) => {
    const [height, length] = [draw(0.35, 0.5), draw(0.6, 0.7)];
    return [
      arc(-0.2, 0, length, height, 0, 1),
      straight([length - 0.22, 0], [0.95, -height], [0.95, height], [length - 0.22, 0]),
      arc(-0.5, -0.12, 0.06, 0.06, 0, 1),
      ...(draw(0, 1) < 0.5 ? [arc(-0.45, 0, 0.2, height * 0.7, -0.17, 0.17)] : []),
    ];
  },
  boat: (draw) => {
    const [deck, mast] = [draw(0.25, 0.4), draw(-0.1, 0.15)];
    const sail = draw(0, 1) < 0.5 ? 1 : -1;
    return [
      straight([-0.9, deck], [-0.55, 0.85], [0.55, 0.85], [0.9, deck], [-0.9, deck]),
      straight([mast, deck], [mast, -0.95]),
      straight([mast, -0.9], [mast + sail * draw(0.5, 0.7), deck - 0.15], [mast, deck - 0.15]),
    ];
  },
  face: (draw) => {
    const [eyes, smile] = [draw(0.28, 0.4), draw(0.3, 0.45)];
    const isHappy = draw(0, 1) < 0.7;
    return [
      arc(0, 0, draw(0.8, 0.95), draw(0.85, 1), -0.25, 0.75),
      arc(-eyes, -0.25, 0.09, 0.12, 0, 1),
      arc(eyes, -0.25, 0.09, 0.12, 0, 1),
      isHappy ? arc(0, 0.2, smile, 0.4, 0.03, 0.47) : arc(0, 0.65, smile, 0.3, 0.53, 0.97),
      ...(draw(0, 1) < 0.5 ? [straight([0, -0.1], [-0.1, 0.15], [0.06, 0.17])] : []),
    ];
  },
  flower: (draw) => {
    const [petals, turn, size] = [Math.floor(draw(5, 8)), draw(0, 1), draw(0.2, 0.26)];
    const around = Array.from({ length: petals }, (_, petal) => {
      const angle = 2 * Math.PI * (turn + petal / petals);
      return arc(0.36 * Math.cos(angle), -0.4 + 0.36 * Math.sin(angle), size, size, turn, turn + 1);
    });
    return [
      arc(0, -0.4, 0.16, 0.16, 0, 1),
      ...around,
      straight([0, 0.1], [draw(-0.1, 0.1), 0.55], [draw(-0.1, 0.1), 1]),
      arc(0.2, 0.6, 0.2, 0.12, 0.5, 1.3),
    ];
  },
  umbrella: (draw) => {
    const [width, hook] = [draw(0.8, 0.98), draw(0, 1) < 0.5 ? 1 : -1];
    const ribs = Math.floor(draw(2, 5));
    const rim = Array.from({ length: ribs }, (_, rib) => {
      const step = (2 * width) / ribs;
      return arc(-width + (rib + 0.5) * step, 0, step / 2, 0.12, 0.5, 1);
    });
    return [
      arc(0, 0, width, draw(0.7, 0.95), 0.5, 1),
      ...rim,
      [...straight([0, -0.1], [0, 0.75]), ...arc(hook * 0.14, 0.75, hook * 0.14, 0.2, 0.5, 0)],
    ];
  },
};

/** Distance between points on a line, short enough that a wobble bends straight lines. */
const SPACING = 0.12;

function straight(...corners: Point[]): Point[] {
  const points: Point[] = [corners[0]!];
  for (const [index, [toX, toY]] of corners.slice(1).entries()) {
    const [fromX, fromY] = corners[index]!;
    const count = Math.max(1, Math.ceil(Math.hypot(toX - fromX, toY - fromY) / SPACING));
    for (let step = 1; step <= count; step++)
      points.push([fromX + ((toX - fromX) * step) / count, fromY + ((toY - fromY) * step) / count]);
  }
  return points;
}

/** Elliptical arc. Angles `from` and `to` in turns, clockwise from the right. */
function arc(x: number, y: number, width: number, height: number, from: number, to: number): Point[] {
  const length = Math.abs(to - from) * Math.PI * (Math.abs(width) + height);
  const count = Math.max(6, Math.ceil(length / SPACING));
  return Array.from({ length: count + 1 }, (_, step) => {
    const angle = 2 * Math.PI * (from + ((to - from) * step) / count);
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
}

/** Closed outline of an ellipse with the given number of bulges. */
function cloud(x: number, y: number, width: number, height: number, bulges: number): Point[] {
  return arc(0, 0, 1, 1, 0, 1).flatMap((_, index, { length }) => {
    const turn = index / (length - 1);
    const swell = 1 + 0.12 * Math.abs(Math.sin(Math.PI * bulges * turn));
    const angle = 2 * Math.PI * turn;
    return [[x + width * swell * Math.cos(angle), y + height * swell * Math.sin(angle)] as const];
  });
}
