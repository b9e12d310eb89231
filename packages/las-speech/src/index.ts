export { Alphabet, BEGIN, END, type Language, LETTERS, PADDING } from './alphabet.ts';
export { config, type LasSpeechConfig, type ModelConfig } from './config.ts';
export { beamSearch, type BeamSearchOptions, type Transcripts } from './decoding/beam-search.ts';
export { errorRates, type ErrorRates, type Transcription } from './error-rates.ts';
export { featureWidth, framesOf, SAMPLE_RATE_IN_HZ } from './features.ts';
export { listeningLoss, spellingLoss } from './loss.ts';
export { type Heard, ListenAttendSpell } from './model.ts';
export { Speller, type SpellerState } from './speller.ts';
