import { type Conv3DAttrs, type Conv3DInputs, tidy } from '@tensorflow/tfjs-core';
import { spread } from './dilation.ts';
import { override, run } from './kernel.ts';
import { seenPart, takePart } from './strided-windows.ts';

/**
 * Registers convolutions of volumes [B, D, H, W, C] that TensorFlow computes in oneDNN alone: with dilation, and with
 * strides beyond the filter, where its other kernel places `same` windows elsewhere.
 */
export function registerVolumeConvolution(): void {
  override<Conv3DInputs, Conv3DAttrs>('Conv3D', ({ inputs: { x, filter }, attributes }, stock) => {
    if (attributes.dataFormat === 'NCDHW') return stock();
    const dilations =
      typeof attributes.dilations === 'number'
        ? (Array(3).fill(attributes.dilations) as number[])
        : attributes.dilations;
    if (dilations.some((dilation) => dilation !== 1))
      return tidy(() => run('Conv3D', { x, filter: spread(filter, dilations) }, { ...attributes, dilations: 1 }));
    const part = seenPart(x, filter.shape, attributes);
    if (!part.paddings.some(([, after]) => after < 0)) return stock();
    return tidy(() => run('Conv3D', { x: takePart(x, part), filter }, { ...attributes, pad: 'valid' }));
  });
}
