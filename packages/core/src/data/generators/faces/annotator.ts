import type { RandomNumbers } from '@motley/run';
import type { FaceBox } from './head.ts';

export interface AnnotatorOptions {
  /** Size of the picture, which the boxes stay in. */
  readonly height: number;
  readonly width: number;
  /** Standard deviation of an edge, as a fraction of the box's side across it. Default 0.05. */
  readonly jitter?: number;
  /** Probability that a label is another one, each as often. Default 0.02. */
  readonly flips?: number;
  /** Number of classes. Default 3. */
  readonly classes?: number;
}

/** A box and its class. */
export interface LabeledBox {
  readonly box: FaceBox;
  readonly label: number;
}

/** Smallest side of an annotated box, in pixels. */
const LEAST_SIDE = 1;

/**
 * Annotates boxes as a person does whose errors are known: each edge is displaced by normal noise, and some labels are
 * wrong. A detector judged by these annotations cannot reach an average precision of 1, even if it finds every true
 * box; how far it can is what a detector that returns the true boxes reaches.
 * @throws RangeError where an option is invalid
 */
export function annotate(faces: readonly LabeledBox[], random: RandomNumbers, options: AnnotatorOptions): LabeledBox[] {
  const { height, width, jitter = 0.05, flips = 0.02, classes = 3 } = options;
  if (!(jitter >= 0 && jitter <= 0.5) || !(flips >= 0 && flips <= 1) || !Number.isInteger(classes) || classes < 2)
    throw new RangeError(
      `annotator: expected a jitter of 0 to 0.5, flips of 0 to 1 and at least 2 classes, got ${jitter}, ${flips} and ${classes}`,
    );
  return faces.map(({ box: [x1, y1, x2, y2], label }, index) => {
    const stream = random.fork(index);
    const [left = 0, top = 0, right = 0, bottom = 0] = stream.normalValues(4, 0, jitter);
    const [flip = 0, other = 0] = stream.uniformValues(2);
    const [boxWidth, boxHeight] = [x2 - x1, y2 - y1];
    const [low, high] = interval(x1 + left * boxWidth, x2 + right * boxWidth, width);
    const [above, below] = interval(y1 + top * boxHeight, y2 + bottom * boxHeight, height);
    const moved = flip < flips ? (label + 1 + Math.floor(other * (classes - 1))) % classes : label;
    return { box: [low, above, high, below], label: moved };
  });
}

/** An interval inside [0, length] that is at least a pixel long. */
function interval(from: number, to: number, length: number): [number, number] {
  const low = Math.min(Math.max(0, Math.min(from, to)), length - LEAST_SIDE);
  return [low, Math.min(length, Math.max(low + LEAST_SIDE, Math.max(from, to)))];
}
