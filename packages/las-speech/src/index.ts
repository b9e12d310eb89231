export { config, type LasSpeechConfig } from './config.ts';
export { classificationLoss } from './loss.ts';
export { LasSpeechModel } from './model.ts';
export { predict } from './predict.ts';
