export { config, type FoodVisionConfig } from './config.ts';
export { classificationLoss } from './loss.ts';
export { FoodVisionModel } from './model.ts';
export { predict } from './predict.ts';
