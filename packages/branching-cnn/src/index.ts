export { meanMultiplyAdds, multiplyAdds, type Compute } from './compute.ts';
export { config, type BranchingConfig } from './config.ts';
export { assignTiles, runParts, runTiles } from './dispatch.ts';
export { treeLoss, type Targets } from './loss.ts';
export { BranchingCnn, type ImageShape } from './model.ts';
export { predict, type Prediction } from './predict.ts';
export { DATA_CLASSES, DATA_KINDS, labelTree, type DataKind, type Groups, type LabelTree } from './trees.ts';
