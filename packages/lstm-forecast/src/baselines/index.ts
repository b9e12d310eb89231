export { checkPast, type Forecaster } from './forecaster.ts';
export { persistence, seasonalNaive } from './naive.ts';
