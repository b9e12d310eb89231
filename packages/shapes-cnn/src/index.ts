export { config, type ShapesConfig } from './config.ts';
export { shapesLoss, type ShapesLoss } from './loss.ts';
export { CLASS_NAMES, ResidualBlock, ShapesCnn } from './model.ts';
export { classActivationMaps, classify } from './predict.ts';
export { shapeStream, type ShapeField, type StreamOptions } from './stream.ts';
