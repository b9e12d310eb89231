import { chooseBackend } from '@motley/core/node';
import { nativeGate } from '@motley/test-tools';

export const { describeNative, describeOn } = await nativeGate(() => chooseBackend('tensorflow'));
