export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsEntry,
  type SafetensorsFile,
} from './checkpoint/safetensors.ts';
export { decodeTensors, encodeTensors } from './checkpoint/tensors.ts';
export {
  defineConfig,
  type ConfigDefinition,
  type ConfigOf,
  type ConfigSources,
  type DeepPartial,
  type Preset,
} from './config/config.ts';
export { ConfigError, UserError } from './config/errors.ts';
export { parseIdx, type IdxArray } from './data/idx.ts';
export { trainingFields, type DefaultWithReason, type TrainingDefaults } from './config/training-fields.ts';
