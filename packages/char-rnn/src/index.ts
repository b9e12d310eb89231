export { config, type CharRnnConfig } from './config.ts';
export { bitsPerCharacter, charRnnLoss, surprisal, type CharRnnLoss } from './loss.ts';
export { CharLstm, lstmByEquations, LstmWeights, type CharLstmOutput } from './model.ts';
export { fitNgram, type NgramModel, type Tokens } from './ngram/ngram.ts';
export { drawSymbol, distribution, sample, type Sample, type SamplingOptions } from './sample.ts';
export { encode, tokenizerOf, vocabularyOf, type Level } from './vocabulary.ts';
