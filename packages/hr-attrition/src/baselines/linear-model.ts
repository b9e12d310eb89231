import type { Task } from '../table/table.ts';
import { minimize } from './lbfgs.ts';

/** Features of rows, row-major. */
export interface Features {
  readonly rowCount: number;
  readonly width: number;
  /** [N, width] */
  readonly values: Float64Array;
}

/** Fitted linear model: outputs W x + b before the sigmoid or softmax. */
export interface LinearModel {
  readonly task: Task;
  readonly outputs: number;
  /** [outputs, width], then the intercepts [outputs]. */
  readonly coefficients: Float64Array;
}

/**
 * Logistic regression for two classes, its multinomial form for several, and ridge regression for a number:
 * 1/N Σ loss + λ/2 ‖W‖², without a penalty on the intercepts. With λ = 1 / (C N) it is scikit-learn's
 * `LogisticRegression(C)`.
 * @param targets class indices or numbers, [N]
 */
export function fitLinearModel(
  features: Features,
  targets: ArrayLike<number>,
  { task, outputs, penalty }: Pick<LinearModel, 'task' | 'outputs'> & { readonly penalty: number },
): LinearModel {
  const { rowCount, width, values } = features;
  const weights = outputs * width;
  const start = new Float64Array(weights + outputs);
  const coefficients = minimize((point) => {
    const gradient = new Float64Array(point.length);
    let value = 0;
    for (let index = 0; index < weights; index++) {
      value += (penalty / 2) * point[index]! ** 2;
      gradient[index] = penalty * point[index]!;
    }
    const logits = new Float64Array(outputs);
    for (let row = 0; row < rowCount; row++) {
      logitsOf(features, row, point, logits);
      value += lossAndSlope(task, logits, targets[row]!) / rowCount;
      for (let output = 0; output < outputs; output++) {
        const slope = logits[output]! / rowCount;
        const [first, from] = [output * width, row * width];
        for (let index = 0; index < width; index++) gradient[first + index]! += slope * values[from + index]!;
        gradient[weights + output]! += slope;
      }
    }
    return { value, gradient };
  }, start);
  return { task, outputs, coefficients };
}

/** Predictions [N, outputs]: probabilities, or numbers. */
export function predictLinear({ task, outputs, coefficients }: LinearModel, features: Features): Float64Array {
  const predictions = new Float64Array(features.rowCount * outputs);
  for (let row = 0; row < features.rowCount; row++) {
    const logits = predictions.subarray(row * outputs, (row + 1) * outputs);
    logitsOf(features, row, coefficients, logits);
    probabilities(task, logits);
  }
  return predictions;
}

function logitsOf({ width, values }: Features, row: number, coefficients: Float64Array, logits: Float64Array): void {
  const outputs = logits.length;
  for (let output = 0; output < outputs; output++) {
    let sum = coefficients[outputs * width + output]!;
    const [first, from] = [output * width, row * width];
    for (let index = 0; index < width; index++) sum += coefficients[first + index]! * values[from + index]!;
    logits[output] = sum;
  }
}

/** Replaces logits by probabilities; numbers stay. */
function probabilities(task: Task, logits: Float64Array): void {
  if (task === 'number') return;
  if (task === 'binary') {
    logits[0] = 1 / (1 + Math.exp(-logits[0]!));
    return;
  }
  const most = logits.reduce((best, each) => Math.max(best, each), -Infinity);
  const total = logits.reduce((sum, each) => sum + Math.exp(each - most), 0);
  for (let index = 0; index < logits.length; index++) logits[index] = Math.exp(logits[index]! - most) / total;
}

/** Loss of a row; the logits are replaced by its derivatives. */
function lossAndSlope(task: Task, logits: Float64Array, target: number): number {
  const logit = logits[0]!;
  if (task === 'number') {
    logits[0] = logit - target;
    return (logit - target) ** 2 / 2;
  }
  if (task === 'binary') {
    logits[0] = 1 / (1 + Math.exp(-logit)) - target;
    return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
  }
  probabilities(task, logits);
  const loss = -Math.log(Math.max(Number.MIN_VALUE, logits[target]!));
  logits[target]! -= 1;
  return loss;
}
