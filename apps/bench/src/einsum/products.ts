import { NdArray, windows } from '@motley/scratch-nn';

/** An einsum of a layer of the network, forward or backward. */
export interface Product {
  readonly name: string;
  readonly expression: string;
  readonly operands: readonly Operand[];
}

/** An array, or a view of all windows of pictures. */
interface Operand {
  readonly shape: readonly number[];
  readonly windowSize?: number;
}

const array = (...shape: number[]): Operand => ({ shape });
const windowsOf = (windowSize: number, ...shape: number[]): Operand => ({ shape, windowSize });

const CONVOLUTION = 'bhwijc,ijcf->bhwf';
const TO_FILTERS = 'bhwf,bhwijc->ijcf';
const DENSE = 'bi,io->bo';

/** All einsums of a training step of scratch-nn's default network on 32 pictures of 24 × 24. numpy_einsum.py uses the names. */
export const products: readonly Product[] = [
  { name: 'convolution 1→8, 5×5', expression: CONVOLUTION, operands: [windowsOf(5, 32, 28, 28, 1), array(5, 5, 1, 8)] },
  { name: '… its filters', expression: TO_FILTERS, operands: [array(32, 24, 24, 8), windowsOf(5, 32, 28, 28, 1)] },
  { name: '… its bias', expression: 'bhwf->f', operands: [array(32, 24, 24, 8)] },
  {
    name: 'convolution 8→16, 3×3',
    expression: CONVOLUTION,
    operands: [windowsOf(3, 32, 14, 14, 8), array(3, 3, 8, 16)],
  },
  { name: '… filters of it', expression: TO_FILTERS, operands: [array(32, 12, 12, 16), windowsOf(3, 32, 14, 14, 8)] },
  {
    name: '… inputs of it',
    expression: 'bhwijf,ijcf->bhwc',
    operands: [windowsOf(3, 32, 16, 16, 16), array(3, 3, 8, 16)],
  },
  { name: '… bias of it', expression: 'bhwf->f', operands: [array(32, 12, 12, 16)] },
  { name: 'dense 576→32', expression: DENSE, operands: [array(32, 576), array(576, 32)] },
  { name: '… weights of 576→32', expression: 'bo,bi->io', operands: [array(32, 32), array(32, 576)] },
  { name: '… inputs of 576→32', expression: 'bo,io->bi', operands: [array(32, 32), array(576, 32)] },
  { name: 'dense 32→4', expression: DENSE, operands: [array(32, 32), array(32, 4)] },
  { name: '… weights of 32→4', expression: 'bo,bi->io', operands: [array(32, 4), array(32, 32)] },
  { name: '… inputs of 32→4', expression: 'bo,io->bi', operands: [array(32, 4), array(32, 4)] },
];

/** Deterministic numbers between -½ and ½, equal on both sides. */
export function operandsOf({ operands }: Product): NdArray[] {
  return operands.map(({ shape, windowSize }, index) => {
    const size = shape.reduce((product, each) => product * each, 1);
    const values = Float32Array.from(
      { length: size },
      (_, position) => ((position * (7919 + index)) % 1009) / 1009 - 0.5,
    );
    const made = new NdArray(values, shape);
    return windowSize === undefined ? made : windows(made, windowSize, 1);
  });
}
