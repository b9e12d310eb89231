import { slice, squeeze, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { Constant, scalarOf } from '../backend/constant.ts';
import type { Attribute } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';
import { execute, type Operation, operationAttributes } from '../kernels/operation.ts';
import { nativeBackend } from './backend.ts';

/** Decodes a JPEG image. `channels` 0 keeps those of the image. @returns int32 [H, W, C] */
export function decodeJpeg(
  contents: Uint8Array,
  channels: 0 | 1 | 3 = 0,
  ratio = 1,
  fancyUpscaling = true,
  tryRecoverTruncated = false,
  acceptableFraction = 1,
  dctMethod = '',
): Tensor3D {
  return decode('DecodeJpeg', contents, {
    attributes: {
      channels,
      ratio,
      fancy_upscaling: fancyUpscaling,
      try_recover_truncated: tryRecoverTruncated,
      dct_method: dctMethod,
    },
    floats: { acceptable_fraction: acceptableFraction },
  }) as Tensor3D;
}

/** Decodes a PNG image. @returns int32 [H, W, C] */
export function decodePng(contents: Uint8Array, channels = 0, dtype = 'int32'): Tensor3D {
  refuseDtype(dtype);
  return decode('DecodePng', contents, { attributes: { channels } }) as Tensor3D;
}

/** Decodes a BMP image. @returns int32 [H, W, C] */
export function decodeBmp(contents: Uint8Array, channels = 0): Tensor3D {
  return decode('DecodeBmp', contents, { attributes: { channels } }) as Tensor3D;
}

/** Decodes a GIF animation. @returns int32 [frames, H, W, 3] */
export function decodeGif(contents: Uint8Array): Tensor4D {
  return decode('DecodeGif', contents, {}) as Tensor4D;
}

/**
 * Decodes a BMP, GIF, JPEG or PNG image.
 *
 * @param expandAnimations false takes the first frame of a GIF
 * @returns int32 [H, W, C], of an animation [frames, H, W, 3]
 */
export function decodeImage(
  content: Uint8Array,
  channels: 0 | 1 | 3 = 0,
  dtype = 'int32',
  expandAnimations = true,
): Tensor3D | Tensor4D {
  refuseDtype(dtype);
  switch (imageType(content)) {
    case 'jpeg':
      return decodeJpeg(content, channels);
    case 'png':
      return decodePng(content, channels);
    case 'bmp':
      return decodeBmp(content, channels);
    case 'gif':
      return tidy(() => {
        const frames = decodeGif(content);
        return expandAnimations ? frames : squeeze<Tensor3D>(slice(frames, 0, 1), [0]);
      });
  }
}

/** Encodes an image [H, W, C] of whole numbers from 0 to 255 as JPEG. */
export function encodeJpeg(
  image: Tensor3D,
  format: '' | 'grayscale' | 'rgb' = '',
  quality = 95,
  progressive = false,
  optimizeSize = false,
  chromaDownsampling = true,
  densityUnit: 'in' | 'cm' = 'in',
  xDensity = 300,
  yDensity = 300,
  xmpMetadata = '',
): Promise<Uint8Array> {
  return encode('EncodeJpeg', image, {
    format,
    quality,
    progressive,
    optimize_size: optimizeSize,
    chroma_downsampling: chromaDownsampling,
    density_unit: densityUnit,
    x_density: xDensity,
    y_density: yDensity,
    xmp_metadata: xmpMetadata,
  });
}

/** Encodes an image [H, W, C] of whole numbers from 0 to 255 as PNG. `compression` is from 0 to 9. */
export function encodePng(image: Tensor3D, compression = 1): Promise<Uint8Array> {
  return encode('EncodePng', image, { compression });
}

function decode(name: string, contents: Uint8Array, description: Omit<Operation, 'inputs'>): Tensor3D | Tensor4D {
  const inputs = [scalarOf(contents, 'string')];
  return execute(name, { ...description, inputs }, nativeBackend()) as Tensor3D;
}

async function encode(
  name: string,
  image: Tensor3D,
  description: NonNullable<Operation['attributes']>,
): Promise<Uint8Array> {
  const backend = nativeBackend();
  const pixels = new Constant(image.shape, DataType.uint8, Uint8Array.from(await image.data()));
  const attributes: Attribute[] = operationAttributes({ inputs: [], attributes: description });
  const input = backend.createHandle(pixels.shape, pixels.dataType, pixels.values);
  try {
    const [result] = backend.executeOnHandles(name, attributes, [input], 1);
    try {
      return (backend.transfer.read(result!.id) as Uint8Array[])[0]!;
    } finally {
      backend.deleteHandle(result!.id);
    }
  } finally {
    backend.deleteHandle(input);
  }
}

function refuseDtype(dtype: string): void {
  if (dtype !== 'int32') throw new TypeError(`images are decoded to int32, not to ${dtype}`);
}

/** The first bytes of each format. */
const SIGNATURES = {
  jpeg: [0xff, 0xd8, 0xff],
  gif: [0x47, 0x49, 0x46, 0x38],
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  bmp: [0x42, 0x4d],
} as const;

type ImageType = keyof typeof SIGNATURES;

function imageType(content: Uint8Array): ImageType {
  const types = Object.keys(SIGNATURES) as ImageType[];
  const type = types.find((name) => SIGNATURES[name].every((byte, index) => content[index] === byte));
  if (type === undefined) throw new Error('expected a BMP, GIF, JPEG or PNG image, got other bytes');
  return type;
}
