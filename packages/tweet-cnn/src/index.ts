export { config, type TweetCnnConfig } from './config.ts';
export { evidenceFor, evidenceOfWords, type TextEvidence, type WindowEvidence } from './evidence.ts';
export { classificationLoss } from './loss.ts';
export { TextCnn } from './model.ts';
export { type Guess, predict, type Reading, readTexts } from './predict.ts';
export { Vocabulary, wordsOf, type Labels } from './vocabulary.ts';
