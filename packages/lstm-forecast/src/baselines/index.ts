export { no1ReferenceErrors } from './no1-reference.ts';
export { fitBaselines, type BaselineOptions, type Baselines } from './fit-baselines.ts';
export { checkPast, type Forecaster } from './forecaster.ts';
export { persistence, seasonalNaive } from './naive.ts';
export { nlinear } from './nlinear.ts';
export { autoregressiveOptimum } from './optima.ts';
export { directRidge, recursiveRidge, type FittedForecaster, type LinearOptions } from './ridge.ts';
