import {
  type BinaryInputs,
  type StaticRegexReplaceAttrs,
  type StaticRegexReplaceInputs,
  type StringNGramsAttrs,
  type StringNGramsInputs,
  type StringSplitAttrs,
  type StringSplitInputs,
  type StringToHashBucketFastAttrs,
  type StringToHashBucketFastInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { DataType } from '../c-api/types.ts';
import { booleanAttribute, integerAttribute, stringAttribute, typeAttribute } from './attributes.ts';
import { define, override, type Present } from './kernel.ts';
import { operation } from './operation.ts';

/** Registers tf.string by TensorFlow's operations of the same names, and comparisons of strings. */
export function registerStringKernels(): void {
  define<StringNGramsInputs, StringNGramsAttrs>('StringNGrams', ({ inputs, attributes, backend }) => {
    const operationAttributes = [
      stringAttribute('separator', attributes.separator),
      integerAttribute('ngram_widths', attributes.nGramWidths),
      stringAttribute('left_pad', attributes.leftPad),
      stringAttribute('right_pad', attributes.rightPad),
      integerAttribute('pad_width', attributes.padWidth),
      booleanAttribute('preserve_short_sequences', attributes.preserveShortSequences),
      typeAttribute('Tsplits', DataType.int32),
    ];
    const tensors = [inputs.data, inputs.dataSplits];
    return backend.executeMultipleOutputs('StringNGrams', operationAttributes, tensors, 2);
  });
  define<StringSplitInputs, StringSplitAttrs>('StringSplit', ({ inputs, attributes, backend }) => {
    const skipEmpty = booleanAttribute('skip_empty', attributes.skipEmpty);
    return backend.executeMultipleOutputs('StringSplit', [skipEmpty], [inputs.input, inputs.delimiter], 3);
  });
  define<StringToHashBucketFastInputs, StringToHashBucketFastAttrs>(
    'StringToHashBucketFast',
    ({ inputs, attributes, backend }) => {
      const buckets = integerAttribute('num_buckets', attributes.numBuckets);
      return backend.executeSingleOutput('StringToHashBucketFast', [buckets], [inputs.input]);
    },
  );
  operation<StaticRegexReplaceInputs, StaticRegexReplaceAttrs>('StaticRegexReplace', ({ x }, attributes) => ({
    inputs: [x],
    attributes: {
      pattern: attributes.pattern,
      rewrite: attributes.rewrite,
      replace_global: attributes.replaceGlobal,
    },
  }));
  for (const name of ['Greater', 'GreaterEqual', 'Less', 'LessEqual']) {
    override<BinaryInputs>(name, ({ inputs, backend }, stock) =>
      inputs.a.dtype === 'string' ? compareStrings(name, inputs, backend) : stock(),
    );
  }
}

/**
 * Compares strings by their ranks in the sorted list of all of them, because TensorFlow does not order strings. The
 * order is JavaScript's, by UTF-16 code units, as on tfjs's other backends.
 */
function compareStrings(name: string, { a, b }: Present<BinaryInputs>, backend: TensorFlowBackend): TensorInfo {
  const read = ({ dataId }: TensorInfo): string[] =>
    (backend.readSync(dataId) as Uint8Array[]).map((bytes) => util.decodeString(bytes));
  const [left, right] = [read(a), read(b)];
  const rank = new Map([...new Set([...left, ...right])].sort().map((string, place) => [string, place]));
  const places = (strings: readonly string[], { shape }: TensorInfo): TensorInfo => {
    const values = Int32Array.from(strings, (string) => rank.get(string)!);
    return { dataId: backend.write(values, shape, 'int32'), shape, dtype: 'int32' };
  };
  const tensors = [places(left, a), places(right, b)];
  try {
    return backend.executeSingleOutput(name, [typeAttribute('T', DataType.int32)], tensors);
  } finally {
    for (const { dataId } of tensors) backend.disposeData(dataId);
  }
}
