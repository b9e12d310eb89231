import {
  type CropAndResizeAttrs,
  type CropAndResizeInputs,
  type ResizeBilinearAttrs,
  type ResizeBilinearGradAttrs,
  type ResizeBilinearGradInputs,
  type ResizeBilinearInputs,
  type ResizeNearestNeighborGradAttrs,
  type ResizeNearestNeighborGradInputs,
} from '@tensorflow/tfjs-core';
import { integers } from '../backend/constant.ts';
import { operation } from './operation.ts';

/** Registers kernels that make images [N, H, W, C] of other sizes. */
export function registerImageSizeKernels(): void {
  for (const name of ['ResizeBilinear', 'ResizeNearestNeighbor'])
    operation<ResizeBilinearInputs, ResizeBilinearAttrs>(name, ({ images }, attributes) => ({
      inputs: [images, integers(attributes.size)],
      types: { T: images },
      attributes: { align_corners: attributes.alignCorners, half_pixel_centers: attributes.halfPixelCenters },
    }));
  operation<ResizeBilinearGradInputs, ResizeBilinearGradAttrs>('ResizeBilinearGrad', ({ images, dy }, attributes) => ({
    inputs: [dy, images],
    types: { T: images },
    attributes: { align_corners: attributes.alignCorners },
  }));
  operation<ResizeNearestNeighborGradInputs, ResizeNearestNeighborGradAttrs>(
    'ResizeNearestNeighborGrad',
    ({ images, dy }, attributes) => ({
      inputs: [dy, integers(images.shape.slice(1, 3))],
      types: { T: images },
      attributes: { align_corners: attributes.alignCorners },
    }),
  );
  operation<CropAndResizeInputs, CropAndResizeAttrs>('CropAndResize', ({ image, boxes, boxInd }, attributes) => ({
    inputs: [image, boxes, boxInd, integers(attributes.cropSize)],
    types: { T: image },
    attributes: { method: attributes.method },
    floats: { extrapolation_value: attributes.extrapolationValue },
  }));
}
