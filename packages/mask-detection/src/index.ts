export { config, type MaskDetectionConfig } from './config.ts';
export { classificationLoss } from './loss.ts';
export { MaskDetectionModel } from './model.ts';
export { predict } from './predict.ts';
