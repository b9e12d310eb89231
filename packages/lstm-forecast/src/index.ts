export { config, type ForecastConfig } from './config.ts';
export { forecastLoss, meanSquaredError, pinballLoss, type ForecastLoss } from './loss.ts';
export { HandwrittenLstm, SeriesForecaster, type Forecast, type ForecastInputs, type SeriesWidths } from './model.ts';
export { forecastFrom, type Forecasts } from './predict.ts';
export { FeatureScaler, type ScaledSeries } from './feature-scaler.ts';
export type { Series } from './series/series.ts';
