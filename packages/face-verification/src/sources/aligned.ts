import type { Faces } from '@motley/core/generators';
import type { FaceVerificationConfig } from '../config.ts';
import { alignFace } from '../pictures/align.ts';

/** Pixels of each side that the network sees: the aligned face is three quarters of a drawn picture. */
export function alignedSize({ size, alignment }: FaceVerificationConfig['data']): number {
  return alignment === 'landmarks' ? Math.round((size * 3) / 4) : size;
}

/** A drawn face as the network sees it: bytes [S, S, 3]. */
export function alignedFace(
  { image, landmarks }: ReturnType<Faces['picture']>,
  data: FaceVerificationConfig['data'],
): Uint8Array {
  const picture = { values: image.values, height: image.height, width: image.width };
  if (data.alignment === 'none') return picture.values;
  const { leftEye, rightEye, noseTip, leftMouth, rightMouth } = landmarks;
  return alignFace(picture, [leftEye, rightEye, noseTip, leftMouth, rightMouth], alignedSize(data));
}
