export {
  defineConfig,
  type ConfigDefinition,
  type ConfigOf,
  type ConfigSources,
  type DeepPartial,
  type Preset,
} from './config/config.ts';
export { ConfigError, UserError } from './config/errors.ts';
export { trainingFields, type DefaultWithReason, type TrainingDefaults } from './config/training-fields.ts';
