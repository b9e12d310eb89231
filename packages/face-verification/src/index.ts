export { config, type FaceVerificationConfig } from './config.ts';
export { classificationLoss } from './loss.ts';
export { FaceVerificationModel } from './model.ts';
export { predict } from './predict.ts';
