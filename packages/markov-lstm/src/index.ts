export { config, type MarkovConfig } from './config.ts';
export type { LstmInitialization } from './initialization.ts';
export { symbolLoss, type SymbolLoss } from './loss.ts';
export { SymbolPredictor } from './model.ts';
export { predictNext } from './predict.ts';
