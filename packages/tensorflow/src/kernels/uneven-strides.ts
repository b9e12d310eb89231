import {
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  tidy,
} from '@tensorflow/tfjs-core';
import { arrange, type ConvolutionAttributes, dilationsOf, layoutOf, permutation, type With } from './convolution.ts';
import { spread, spreadShape, thin } from './dilation.ts';
import { override, run } from './kernel.ts';
import { partShape, returnPart, seenPart, takePart } from './strided-windows.ts';
import { perAxis } from './windows.ts';

/** Whether a filter moves by other distances along the height than along the width. */
function hasUnevenStrides({ strides }: Pick<ConvolutionAttributes, 'strides'>): boolean {
  const [alongHeight, alongWidth] = perAxis(strides, 2);
  return alongHeight !== alongWidth;
}

/**
 * Registers depthwise convolutions, and their two gradients, whose strides differ between height and width. Of
 * TensorFlow's kernels those of oneDNN alone have them, forward. They are computed without strides, and thinned out.
 * Call it after `registerConvolutionKernels`.
 */
export function registerUnevenStrides(): void {
  const depthwise = 'DepthwiseConv2dNative';
  override<Conv2DInputs, ConvolutionAttributes>(depthwise, ({ inputs: { x, filter }, attributes }, stock) => {
    if (!hasUnevenStrides(attributes)) return stock();
    return tidy(() => {
      const image = arrange(x, layoutOf(attributes), 'NHWC');
      const dense = spread(filter, dilationsOf(attributes));
      const part = seenPart(image, dense.shape, inNhwc(attributes));
      const all = run(depthwise, { x: takePart(image, part), filter: dense }, EVERY_WINDOW);
      return arrange(thin(all, [1, ...part.strides]), 'NHWC', layoutOf(attributes));
    });
  });
  override<Conv2DBackpropInputInputs, With<Conv2DBackpropInputAttrs>>(
    `${depthwise}BackpropInput`,
    ({ inputs: { dy, filter }, attributes }, stock) => {
      if (!hasUnevenStrides(attributes)) return stock();
      return tidy(() => {
        const layout = layoutOf(attributes);
        const shape = permutation(layout, 'NHWC').map((axis) => attributes.inputShape[axis]!);
        const dense = spread(filter, dilationsOf(attributes));
        const part = seenPart({ shape }, dense.shape, inNhwc(attributes));
        const apart = spread(arrange(dy, layout, 'NHWC'), [1, ...part.strides]);
        const inputShape = partShape(shape, part);
        const gradient = run(
          `${depthwise}BackpropInput`,
          { dy: apart, filter: dense },
          { ...EVERY_WINDOW, inputShape },
        );
        return arrange(returnPart(gradient, part, shape), 'NHWC', layout);
      });
    },
  );
  override<Conv2DBackpropFilterInputs, With<Conv2DBackpropFilterAttrs>>(
    `${depthwise}BackpropFilter`,
    ({ inputs: { x, dy }, attributes }, stock) => {
      if (!hasUnevenStrides(attributes)) return stock();
      return tidy(() => {
        const layout = layoutOf(attributes);
        const dilations = dilationsOf(attributes);
        const filterShape = spreadShape(attributes.filterShape, dilations);
        const image = arrange(x, layout, 'NHWC');
        const part = seenPart(image, filterShape, inNhwc(attributes));
        const apart = spread(arrange(dy, layout, 'NHWC'), [1, ...part.strides]);
        const inputs = { x: takePart(image, part), dy: apart };
        return thin(run(`${depthwise}BackpropFilter`, inputs, { ...EVERY_WINDOW, filterShape }), dilations);
      });
    },
  );
}

const EVERY_WINDOW = { strides: 1, pad: 'valid', dilations: 1, dataFormat: 'NHWC' } as const;

/** The attributes with paddings in the order of an image with channels last. */
function inNhwc(attributes: ConvolutionAttributes): ConvolutionAttributes {
  const { pad } = attributes;
  if (typeof pad !== 'object') return attributes;
  return { ...attributes, pad: permutation(layoutOf(attributes), 'NHWC').map((axis) => pad[axis]!) };
}
