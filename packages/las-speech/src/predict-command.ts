import type { ModelCommand } from '@motley/core/node';
import { userPath } from '@motley/run/node';
import { z } from 'zod';
import { Alphabet } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { loadLanguageModel } from './language-model-files.ts';
import type { ListenAttendSpell } from './model.ts';
import { describeRecognition, describeSpeed, soundOf, STANDARD_INPUT, transcribeFiles } from './predict-files.ts';
import { Recognizer } from './predict.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';
import { streamSound } from './sound-stream.ts';

const options = {
  beam: z.int().min(1).max(64).nullable().default(null).describe("the run's decoding.beam"),
  stream: z.boolean().default(false).describe('prints whole texts; if set, prints words as soon as they are sure'),
  languageModel: z
    .string()
    .nullable()
    .default(null)
    .describe("none; the folder of a char-rnn run, or its weights' file"),
  languageWeight: z
    .number()
    .min(0)
    .max(10)
    .default(0.3)
    .describe('factor of the log-probabilities of the language model'),
};

/** Turns audio files into text. */
export const predictCommand: ModelCommand<LasSpeechConfig, ListenAttendSpell, typeof options> = {
  description: 'turn speech into text',
  texts: 'audio files, WAVE, FLAC, OGG or G.722; - is standard input',
  options,
  async run({ config: { data, features, decoding }, model, compile, texts, options: given, print, write }) {
    const alphabet = Alphabet.of(data.language);
    const languageModel =
      given.languageModel === null
        ? undefined
        : await loadLanguageModel(userPath(given.languageModel, 'predict'), alphabet);
    const recognizer = new Recognizer(model, {
      alphabet,
      features,
      decoding: {
        ...decoding,
        ...(given.beam !== null && { beam: given.beam }),
        ...(languageModel && { languageWeight: given.languageWeight }),
      },
      languageModel,
      compile,
    });
    const paths = texts.map((text) => (text === STANDARD_INPUT ? text : userPath(text, 'predict')));
    try {
      if (!given.stream) {
        const files = [];
        for await (const file of transcribeFiles(recognizer, paths, process.stdin)) {
          print(describeRecognition(file.path, file.recognition));
          files.push(file);
        }
        print(describeSpeed(files));
        return undefined;
      }
      for (const path of paths) {
        const chunks =
          path === STANDARD_INPUT
            ? streamSound(process.stdin, 'standard input')
            : chunksOf(await soundOf(path, process.stdin));
        for await (const word of recognizer.stream(chunks, path)) write(word);
        write('\n');
      }
      return undefined;
    } finally {
      recognizer.dispose();
      languageModel?.dispose();
    }
  },
};

/** A sound in parts of a quarter of a second, as a microphone gives it. */
async function* chunksOf(samples: Float32Array): AsyncGenerator<Float32Array> {
  const length = SAMPLE_RATE_IN_HZ / 4;
  for (let first = 0; first < samples.length; first += length) {
    yield samples.subarray(first, first + length);
    await Promise.resolve();
  }
}
