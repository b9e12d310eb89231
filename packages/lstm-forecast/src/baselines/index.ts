export { checkPast, type Forecaster } from './forecaster.ts';
export { persistence, seasonalNaive } from './naive.ts';
export { nlinear } from './nlinear.ts';
export { directRidge, recursiveRidge, type FittedForecaster, type LinearOptions } from './ridge.ts';
