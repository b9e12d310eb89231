export { fitBaselines } from './fit-baselines.ts';
export type { Forecaster } from './forecaster.ts';
export { persistence, seasonalNaive } from './naive.ts';
export { nlinear } from './nlinear.ts';
export { autoregressiveOptimum } from './optima.ts';
export { directRidge, recursiveRidge } from './ridge.ts';
