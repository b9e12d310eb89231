import {
  type NonMaxSuppressionV3Attrs,
  type NonMaxSuppressionV3Inputs,
  type NonMaxSuppressionV4Attrs,
  type NonMaxSuppressionV5Attrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type Constant, integer, scalarOf } from '../backend/constant.ts';
import { define, type Present } from './kernel.ts';
import { executeAll, operation } from './operation.ts';

/** Registers suppression of boxes [N, 4] that overlap one of a higher score. */
export function registerBoxKernels(): void {
  operation<NonMaxSuppressionV3Inputs, NonMaxSuppressionV3Attrs>('NonMaxSuppressionV3', (inputs, attributes) => ({
    inputs: operands(inputs, attributes),
    types: { T: inputs.boxes },
  }));
  define<NonMaxSuppressionV3Inputs, NonMaxSuppressionV4Attrs>(
    'NonMaxSuppressionV4',
    ({ inputs, attributes, backend }) => {
      const suppression = {
        inputs: operands(inputs, attributes),
        types: { T: inputs.boxes, T_threshold: 'float32' },
        attributes: { pad_to_max_output_size: attributes.padToMaxOutputSize },
      } as const;
      return executeAll('NonMaxSuppressionV4', suppression, 2, backend);
    },
  );
  define<NonMaxSuppressionV3Inputs, NonMaxSuppressionV5Attrs>(
    'NonMaxSuppressionV5',
    ({ inputs, attributes, backend }) => {
      const suppression = {
        inputs: [...operands(inputs, attributes), scalarOf(attributes.softNmsSigma, 'float32')],
        types: { T: inputs.boxes },
      };
      const [indices, scores, count] = executeAll('NonMaxSuppressionV5', suppression, 3, backend);
      count!.dispose();
      return [indices!, scores!];
    },
  );
}

function operands(
  { boxes, scores }: Present<NonMaxSuppressionV3Inputs>,
  { maxOutputSize, iouThreshold, scoreThreshold }: NonMaxSuppressionV3Attrs,
): (TensorInfo | Constant)[] {
  const thresholds = [iouThreshold, scoreThreshold].map((threshold) => scalarOf(threshold, 'float32'));
  return [boxes, scores, integer(maxOutputSize), ...thresholds];
}
