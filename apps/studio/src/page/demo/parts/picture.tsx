import type { DemoImage } from '@motley/core/demo';
import { useEffect, useRef } from 'preact/hooks';

interface PictureProps {
  readonly image: DemoImage;
  readonly label: string;
}

/** A picture as it is, its pixels visible where it is small. */
export function Picture({ image, label }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.putImageData(new ImageData(rgbaOf(image), image.width, image.height), 0, 0);
  }, [image]);
  const { width, height } = image;
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      class={width <= 96 ? 'demo-pixels' : 'demo-photo'}
      role="img"
      aria-label={label}
    />
  );
}

function rgbaOf(image: DemoImage): Uint8ClampedArray<ArrayBuffer> {
  const count = image.width * image.height;
  const rgba = new Uint8ClampedArray(count * 4);
  for (let at = 0; at < count; at++) {
    if ('gray' in image) rgba.fill(255 * image.gray[at]!, at * 4, at * 4 + 3);
    else for (let channel = 0; channel < 3; channel++) rgba[at * 4 + channel] = image.data[at * 3 + channel]!;
    rgba[at * 4 + 3] = 255;
  }
  return rgba;
}
