import {
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropFilterV2Inputs,
  type Conv3DBackpropInputV2Attrs,
  type Conv3DBackpropInputV2Inputs,
  type Conv3DInputs,
  tidy,
} from '@tensorflow/tfjs-core';
import { integers } from '../backend/constant.ts';
import { spread } from './dilation.ts';
import { define, run } from './kernel.ts';
import { execute, operation, type Operation } from './operation.ts';
import { seenPart, takePart } from './strided-windows.ts';
import { perAxis } from './windows.ts';

/**
 * Registers convolutions of volumes [B, D, H, W, C] and their gradients. TensorFlow dilates a filter in oneDNN alone,
 * so the filter is spread instead. Where strides go beyond the filter, its other kernel places `same` windows
 * elsewhere, so the part that they see is cut out first.
 */
export function registerVolumeConvolution(): void {
  define<Conv3DInputs, Conv3DAttrs>('Conv3D', ({ inputs: { x, filter }, attributes, backend }) => {
    const dilations = perAxis(attributes.dilations, 3);
    if (dilations.some((dilation) => dilation !== 1))
      return tidy(() => run('Conv3D', { x, filter: spread(filter, dilations) }, { ...attributes, dilations: 1 }));
    const part = seenPart(x, filter.shape, attributes);
    if (!part.paddings.some(([, after]) => after < 0))
      return execute('Conv3D', { inputs: [x, filter], types: { T: x }, attributes: placement(attributes) }, backend);
    return tidy(() => run('Conv3D', { x: takePart(x, part), filter }, { ...attributes, pad: 'valid' }));
  });
  operation<Conv3DBackpropInputV2Inputs, Conv3DBackpropInputV2Attrs>(
    'Conv3DBackpropInputV2',
    ({ dy, filter }, attributes) => ({
      inputs: [integers(attributes.inputShape), filter, dy],
      types: { T: dy, Tshape: 'int32' },
      attributes: placement(attributes),
    }),
  );
  operation<Conv3DBackpropFilterV2Inputs, Conv3DBackpropFilterV2Attrs>(
    'Conv3DBackpropFilterV2',
    ({ x, dy }, attributes) => ({
      inputs: [x, integers(attributes.filterShape), dy],
      types: { T: x },
      attributes: placement(attributes),
    }),
  );
}

function placement({ strides, pad }: Pick<Conv3DAttrs, 'strides' | 'pad'>): NonNullable<Operation['attributes']> {
  return { strides: [1, ...perAxis(strides, 3), 1], padding: pad.toUpperCase(), data_format: 'NDHWC' };
}
