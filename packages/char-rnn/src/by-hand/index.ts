export { config, type ByHandConfig } from './config.ts';
export { loadData, type TextData, type Vocabulary } from './data.ts';
export { crossEntropy } from './loss.ts';
export { MatrixMemory, type Matrix, type NumberType, type Values } from './matrices.ts';
export { RecurrentNetwork, type NetworkSizes, type Parameter, type Window } from './model.ts';
export { sample } from './sample.ts';
