export { config, type VaeConfig } from './config.ts';
export { klDivergence, reconstructionLoss, vaeLoss, type VaeLoss } from './loss.ts';
export { IMAGE_SIZE, PIXELS, Vae, type Posterior } from './model.ts';
export { embed, reconstruct } from './predict.ts';
export { decodeImages, manifoldLatents, normalQuantile, samplePrior } from './sample.ts';
