import { image, ones, randomUniform, tensor2d, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';

describeNative('images', () => {
  beforeAll(async () => {
    await register();
  });

  it.each([
    [0.3, 0, 0.5],
    [Math.PI / 2, 7, [0.25, 0.75]],
    [-2, [1, 2, 3], 0.5],
  ] as [number, number | [number, number, number], number | [number, number]][])(
    'turn by %f, filled with %s, about %s',
    (radians, fill, center) => {
      const [height, width, channels] = [5, 6, 4];
      const x: Tensor4D = randomUniform([2, height, width, channels], 0, 255, 'float32', 1);
      const rotated = image.rotateWithOffset(x, radians, fill, center).arraySync();
      const pixels = x.arraySync();
      const [relativeX, relativeY] = typeof center === 'number' ? [center, center] : center;
      const [centerX, centerY] = [relativeX * width, relativeY * height];
      const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) {
          const [fromX, fromY] = [column - centerX, row - centerY];
          const sourceX = Math.round(fromX * cosine - fromY * sine + centerX);
          const sourceY = Math.round(fromX * sine + fromY * cosine + centerY);
          for (let channel = 0; channel < channels; channel++) {
            const color = typeof fill === 'number' ? fill : channel === 3 ? 255 : fill[channel];
            const expected = pixels[1]![sourceY]?.[sourceX]?.[channel] ?? color;
            expect(rotated[1]![row]![column]![channel], `${row}, ${column}, ${channel}`).toBe(expected);
          }
        }
    },
  );

  it('are cut to the requested shape', () => {
    const shift = tensor2d([[1, 0, 1, 0, 1, 0, 0, 0]]);
    const moved = image.transform(ones([1, 2, 2, 1]), shift, 'nearest', 'constant', -1, [3, 2]);
    expect(moved.shape).toEqual([1, 3, 2, 1]);
    expect([...moved.dataSync()]).toEqual([1, -1, 1, -1, -1, -1]);
  });
});
