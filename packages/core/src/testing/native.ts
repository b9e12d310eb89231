import { nativeGate } from '@motley/test-tools';
import { chooseBackend } from '../node/backend.ts';

export const { hasNative, describeNative, describeOn } = await nativeGate(() => chooseBackend('tensorflow'));
