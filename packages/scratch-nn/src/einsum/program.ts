import { largest } from '@motley/run';
import { type DataType, NdArray, rowMajorStrides } from '../array.ts';
import { extentOf, labelStrides, type LabelStrides, type Sizes, spanOf } from './labeled-array.ts';
import { type MatrixPlan, planMatrices } from './matrix-plan.ts';
import { memoryOf, runProducts } from './matrix-product.ts';
import type { Plan } from './plan.ts';
import { type LoopPlan, type Operand, planLoops, sumOfProducts } from './sum-of-products.ts';

/** Computes one array from one or more. Everything but the numbers is known in advance. */
interface Step {
  /** Indices: the expression's operands first, then the results of earlier steps. */
  readonly operands: readonly number[];
  readonly shape: readonly number[];
  /** Undefined where an axis has size 0: the result is empty or zeros. */
  readonly work: Products | Loops | undefined;
}

interface Products {
  readonly kind: 'products';
  /** More than one where a single one would need too much memory. Each adds to the result. */
  readonly pieces: readonly Piece[];
}

interface Piece {
  readonly plan: MatrixPlan;
  /** Offsets of the piece in the operands and in the result. */
  readonly shifts: readonly [left: number, right: number, output: number];
}

interface Loops {
  readonly kind: 'loops';
  readonly plan: LoopPlan;
}

/** Steps of an einsum, for operands of certain strides. */
export interface Program {
  readonly strides: readonly (readonly number[])[];
  readonly steps: readonly Step[];
}

/** Larger products are split. */
const MAX_MEMORY_BYTES = 2 ** 25;
/** Sparser views are copied before they are multiplied. */
const MAX_SPAN_PER_NUMBER = 4;
/** Index that stands for a scalar operand 1. */
const ONE = -1;

/** Compiles a plan to steps. */
export function compileProgram(
  { operands, contractions, sizes }: Plan,
  shapes: readonly (readonly number[])[],
  strides: readonly (readonly number[])[],
  dataType: DataType,
): Program {
  const arrays = operands.map((labels, index) => labelStrides(labels, shapes[index]!, strides[index]!));
  const builder = new ProgramBuilder(arrays, sizes, dataType === 'float32' ? 4 : 8);
  // Results of contractions by the plan's indices: a contraction may take several steps.
  const indices = operands.map((_, index) => index);
  for (const { operands: chosen, labels } of contractions)
    indices.push(
      builder.contract(
        chosen.map((index) => indices[index]!),
        labels,
      ),
    );
  return { strides, steps: builder.steps };
}

class ProgramBuilder {
  readonly steps: Step[] = [];
  readonly #arrays: LabelStrides[];
  readonly #sizes: Sizes;
  readonly #bytesPerNumber: number;

  constructor(arrays: readonly LabelStrides[], sizes: Sizes, bytesPerNumber: number) {
    this.#arrays = [...arrays];
    this.#sizes = sizes;
    this.#bytesPerNumber = bytesPerNumber;
  }

  /** Adds the steps of a contraction. @returns the result's index */
  contract(operands: readonly number[], labels: readonly string[]): number {
    const output = this.#stridesOf(labels);
    if ([...this.#sizes.values()].includes(0)) return this.#push(operands, labels, undefined);
    const pair = this.#asPair(operands, labels);
    if (pair !== undefined) {
      const products = this.#planProducts(pair, output);
      if (products !== undefined) return this.#push(products.operands, labels, products.work);
    }
    const chosen = pair === undefined || pair.includes(ONE) ? operands : pair;
    const plan = planLoops(
      chosen.map((index) => this.#arrays[index]!),
      output,
      this.#sizes,
    );
    return this.#push(chosen, labels, { kind: 'loops', plan });
  }

  #push(operands: readonly number[], labels: readonly string[], work: Step['work']): number {
    this.steps.push({ operands, shape: labels.map((label) => this.#sizes.get(label)!), work });
    return this.#arrays.push(this.#stridesOf(labels)) - 1;
  }

  /** Row-major strides of a result. */
  #stridesOf(labels: readonly string[]): LabelStrides {
    const shape = labels.map((label) => this.#sizes.get(label)!);
    return labelStrides(labels, shape, rowMajorStrides(shape));
  }

  /** Two operands that share every label to sum over. A sum over a single array is a product with 1. */
  #asPair(operands: readonly number[], labels: readonly string[]): readonly [number, number] | undefined {
    const [left, right] = operands;
    if (left === undefined || operands.length > 2) return undefined;
    if (right === undefined) return [ONE, left];
    return [this.#withoutOwnSums(left, right, labels), this.#withoutOwnSums(right, left, labels)];
  }

  /** Sums over the labels that neither the other operand nor the result has. */
  #withoutOwnSums(operand: number, other: number, labels: readonly string[]): number {
    const own = [...this.#arrays[operand]!.keys()];
    const shared = own.filter((label) => labels.includes(label) || this.#arrays[other]!.has(label));
    return shared.length === own.length ? operand : this.contract([operand], shared);
  }

  /** @returns undefined where plain loops are faster */
  #planProducts([left, right]: readonly [number, number], output: LabelStrides) {
    const summed = [...this.#arrays[right]!.keys()].filter((label) => !output.has(label));
    const ones = new Map(summed.map((label) => [label, 0]));
    const stridesOf = (index: number): LabelStrides => (index === ONE ? ones : this.#arrays[index]!);
    const planned = (operands: readonly [number, number]): MatrixPlan | undefined =>
      planMatrices({
        left: stridesOf(operands[0]),
        right: stridesOf(operands[1]),
        output,
        sizes: this.#sizes,
        bytesPerNumber: this.#bytesPerNumber,
      });
    if (planned([left, right]) === undefined) return undefined;
    const operands = [this.#compacted(left), this.#compacted(right)] as const;
    const layout = { left: stridesOf(operands[0]), right: stridesOf(operands[1]), output };
    const pieces = this.#piecesOf(layout, this.#sizes, [0, 0, 0]);
    return pieces === undefined ? undefined : { operands, work: { kind: 'products', pieces } as const };
  }

  /** Copies a view that uses few of the numbers that it spans. */
  #compacted(operand: number): number {
    if (operand === ONE) return operand;
    const strides = this.#arrays[operand]!;
    const labels = [...strides.keys()];
    if (spanOf(strides, this.#sizes).length <= MAX_SPAN_PER_NUMBER * extentOf(labels, this.#sizes)) return operand;
    const plan = planLoops([strides], this.#stridesOf(labels), this.#sizes);
    return this.#push([operand], labels, { kind: 'loops', plan });
  }

  /** Halves products along the label with the largest span until each piece fits in MAX_MEMORY_BYTES. */
  #piecesOf(
    layout: { readonly left: LabelStrides; readonly right: LabelStrides; readonly output: LabelStrides },
    sizes: Sizes,
    shifts: Piece['shifts'],
  ): Piece[] | undefined {
    const plan = planMatrices({ ...layout, sizes, bytesPerNumber: this.#bytesPerNumber });
    if (plan === undefined) return undefined;
    if (memoryOf(plan, this.#bytesPerNumber) <= MAX_MEMORY_BYTES) return [{ plan, shifts }];
    const arrays = [layout.left, layout.right, layout.output];
    const spanAlong = (label: string): number =>
      largest(arrays.map((strides) => Math.abs(strides.get(label) ?? 0) * (sizes.get(label)! - 1)));
    const widest = [...sizes.keys()].reduce((a, b) => (spanAlong(b) > spanAlong(a) ? b : a));
    const half = Math.ceil(sizes.get(widest)! / 2);
    const shifted = arrays.map((strides, index) => shifts[index]! + half * (strides.get(widest) ?? 0));
    const first = this.#piecesOf(layout, new Map(sizes).set(widest, half), shifts);
    const rest = new Map(sizes).set(widest, sizes.get(widest)! - half);
    const second = this.#piecesOf(layout, rest, shifted as unknown as Piece['shifts']);
    return first === undefined || second === undefined ? undefined : [...first, ...second];
  }
}

const ones = { float32: Float32Array.of(1), float64: Float64Array.of(1) } as const;

/** Runs the steps. @returns the last one's result */
export function runProgram({ steps }: Program, operands: readonly NdArray[]): NdArray {
  const { dataType } = operands[0]!;
  const arrays: Operand[] = operands.map(({ values, offset }) => ({ values, start: offset }));
  const operandOf = (index: number): Operand => (index === ONE ? { values: ones[dataType], start: 0 } : arrays[index]!);
  let result: NdArray | undefined;
  for (const { operands: chosen, shape, work } of steps) {
    result = NdArray.zeros(shape, dataType);
    const output = { values: result.values, start: 0 };
    if (work?.kind === 'loops') sumOfProducts(work.plan, [...chosen.map(operandOf), output]);
    if (work?.kind === 'products')
      for (const { plan, shifts } of work.pieces) {
        const [left, right, into] = [operandOf(chosen[0]!), operandOf(chosen[1]!), output].map(
          ({ values, start }, index) => ({ values, start: start + shifts[index]! }),
        ) as [Operand, Operand, Operand];
        runProducts(plan, { left, right, output: into }, work.pieces.length > 1);
      }
    arrays.push(output);
  }
  return result!;
}
