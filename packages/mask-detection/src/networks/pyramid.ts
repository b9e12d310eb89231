import { Conv2d, Module, Sequential, type WeightOptions } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Feature pyramid (Lin et al., "Feature pyramid networks for object detection", CVPR 2017, arXiv 1612.03144). */
export class FeaturePyramid extends Module {
  readonly inner_blocks: readonly Sequential[];
  readonly layer_blocks: readonly Sequential[];

  /** @param inputs channels of the backbone's maps, the finest first */
  constructor(inputs: readonly number[], channels: number, options: WeightOptions) {
    super();
    const convolution = (from: number, kernelSize: 1 | 3) =>
      new Sequential(new Conv2d(from, channels, { ...options, kernelSize, padding: (kernelSize - 1) / 2 }));
    this.inner_blocks = inputs.map((from) => convolution(from, 1));
    this.layer_blocks = inputs.map(() => convolution(channels, 3));
  }

  /**
   * From the coarsest map on, each map is reduced to the pyramid's channels and added to the coarser one, enlarged (Lin et
   * al., figure 3). A last level is every second value of the coarsest one.
   *
   * @param maps the finest first, each half as large as the one before
   * @returns a level for each map, and the last one, all with the pyramid's channels
   */
  forward(maps: readonly tf.Tensor[]): tf.Tensor[] {
    return tf.tidy(() => {
      let above: tf.Tensor | undefined;
      const levels = [...maps.entries()].reverse().map(([place, map]) => {
        const lateral = this.inner_blocks[place]!.forward(map);
        const [, height, width] = lateral.shape as [number, number, number];
        above =
          above === undefined
            ? lateral
            : tf.add(lateral, tf.image.resizeNearestNeighbor(above as tf.Tensor4D, [height, width]));
        return this.layer_blocks[place]!.forward(above);
      });
      const last = tf.maxPool(levels[0] as tf.Tensor4D, 1, 2, 'valid');
      return [...levels.reverse(), last];
    });
  }
}
