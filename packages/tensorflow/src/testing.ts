import { nativeGate } from '@motley/test-tools';
import { findLibrary } from './library/index.ts';

// The suites open the library themselves, each in its own way.
export const { describeNative } = await nativeGate(findLibrary);
