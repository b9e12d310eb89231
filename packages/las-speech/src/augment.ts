import { addEcho, addNoise, changeSpeed, specAugment, type Frames } from '@motley/core/audio';
import type { RandomNumbers } from '@motley/run';
import type { AugmentationSettings } from './config.ts';
import { SAMPLE_RATE_IN_HZ } from './features.ts';
