export { config, type NewSystemConfig } from './config.ts';
export { classificationLoss } from './loss.ts';
export { NewSystemModel } from './model.ts';
export { predict } from './predict.ts';
