export { config, type HrAttritionConfig } from './config.ts';
export { binaryCrossEntropy, tableLoss } from './loss.ts';
export { EnsembleLinear, PeriodicEmbedding, TableNetwork } from './model.ts';
export { predict } from './predict.ts';
export { TablePredictor } from './predictor.ts';
