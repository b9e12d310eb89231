import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend, readCheckpoint } from '@motley/core/node';
import { runProgram } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Alphabet, BEGIN, END } from './alphabet.ts';
import { LstmLanguageModel } from './decoding/lstm-language-model.ts';
import { loadLanguageModel } from './language-model-files.ts';

const CHAR_RNN = join(import.meta.dirname, '../../char-rnn/src/cli.ts');
const UNITS = 10;

const alphabet = Alphabet.of('english');
const symbolsOf = (text: string): number[] => [BEGIN, ...alphabet.ids(text)];

/** Log-probabilities after each symbol, [symbols, V]. */
const read = (model: LstmLanguageModel, symbols: readonly number[]): number[][] =>
  tf.tidy(() => {
    let state = model.begin(1);
    return symbols.map((symbol) => {
      const result = model.step(tf.tensor1d([symbol], 'int32'), state);
      ({ state } = result);
      return [...result.logProbabilities.dataSync()];
    });
  });

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Values of a network's tensors by name. */
type Values = (name: string) => number[];

/** Probabilities of the next character after a text, by the equations of an LSTM on plain numbers. */
function probabilitiesAfter(values: Values, text: string): Map<string, number> {
  const characters = values('vocabulary').map((codePoint) => String.fromCodePoint(codePoint));
  const product = (name: string, inputs: readonly number[]): number[] => {
    const matrix = values(name);
    return Array.from({ length: matrix.length / inputs.length }, (_, row) =>
      inputs.reduce((sum, input, column) => sum + input * matrix[row * inputs.length + column]!, 0),
    );
  };
  const states = [0, 1].map(() => ({
    hidden: new Array<number>(UNITS).fill(0),
    cell: new Array<number>(UNITS).fill(0),
  }));
  let output: number[] = [];
  for (const character of text) {
    output = characters.map((each) => Number(each === character));
    for (const [layer, state] of states.entries()) {
      const name = `layers.${layer}`;
      const parts = [
        product(`${name}.weight_ih`, output),
        product(`${name}.weight_hh`, state.hidden),
        values(`${name}.bias_ih`),
        values(`${name}.bias_hh`),
      ];
      const gate = (index: number, unit: number): number =>
        parts.reduce((sum, part) => sum + part[index * UNITS + unit]!, 0);
      for (let unit = 0; unit < UNITS; unit++)
        state.cell[unit] =
          logistic(gate(1, unit)) * state.cell[unit]! + logistic(gate(0, unit)) * Math.tanh(gate(2, unit));
      state.hidden = state.cell.map((cell, unit) => logistic(gate(3, unit)) * Math.tanh(cell));
      output = state.hidden;
    }
  }
  const bias = values('classifier.bias');
  const odds = product('classifier.weight', output).map((each, index) => Math.exp(each + bias[index]!));
  const total = odds.reduce((sum, each) => sum + each, 0);
  return new Map(characters.map((character, index) => [character, odds[index]! / total]));
}

/** A network with random weights that knows the characters of a text, and its values. */
function untrained(text: string, letters = alphabet): { readonly model: LstmLanguageModel; readonly values: Values } {
  const characters = [...new Set(Array.from(text))].sort();
  const codePoints = Int32Array.from(characters, (character) => character.codePointAt(0)!);
  const model = new LstmLanguageModel(codePoints, { layers: 2, units: UNITS }, letters);
  const variables = new Map([...model.namedParameters(), ...model.namedBuffers()]);
  return { model, values: (name) => Array.from(variables.get(name)!.dataSync()) };
}

describe('a language model', () => {
  beforeAll(async () => {
    await chooseBackend('auto');
  });

  it('has the probabilities of its network, with an end at a line end', () => {
    const { model, values } = untrained('the quick sea was calm\nall of it by him was still\n');
    const text = 'the sea ';
    const found = read(model, symbolsOf(text)).at(-1)!;
    for (const [character, probability] of probabilitiesAfter(values, `\n${text}`)) {
      const id = character === '\n' ? END : alphabet.ids(character)[0]!;
      expect(found[id]).toBeCloseTo(Math.log(probability), 4);
    }
    expect(found[alphabet.ids('z')[0]!]).toBeCloseTo(Math.log(1e-6), 4);
    expect(model.missing).toBe("'dgjnprvxz");
    model.dispose();
  });

  it('reads rows independently', () => {
    const { model } = untrained('abcdefghijklmnopqrstuvwxyz \n');
    const [one, two] = ['the', 'was'].map((text) => symbolsOf(text));
    const rows = tf.tidy(() => {
      let state = model.begin(2);
      let last: tf.Tensor = tf.scalar(0);
      for (const [place, symbol] of one!.entries()) {
        const result = model.step(tf.tensor1d([symbol, two![place]!], 'int32'), state);
        ({ state } = result);
        last = result.logProbabilities;
      }
      return last.arraySync() as number[][];
    });
    for (const [row, symbols] of [one!, two!].entries())
      for (const [id, value] of read(model, symbols).at(-1)!.entries()) expect(rows[row]![id]).toBeCloseTo(value, 5);
    model.dispose();
  });

  it('refuses a vocabulary that does not serve', () => {
    expect(() => untrained('abc\n')).toThrow('expected a language model of the letters');
    expect(() => untrained('abcdefghijklmnopqrstuvwxyz ')).toThrow('expected a language model of sentences');
    const bytes = Int32Array.from({ length: 256 }, (_, byte) => byte);
    expect(() => new LstmLanguageModel(bytes, { layers: 1, units: 1 }, Alphabet.of('czech'))).toThrow(
      'as "á" is several bytes, found one of bytes',
    );
  });
});

describe('a language model of char-rnn', () => {
  let folder: string;
  let trained: string;
  let file: string;
  beforeAll(async () => {
    await chooseBackend('auto');
    folder = await mkdtemp(join(tmpdir(), 'motley-las-speech-'));
    trained = join(folder, 'run');
    file = join(trained, 'checkpoints', 'step-4.safetensors');
    const prose = 'The sea was calm. All of it,\nsaid he, was still! Nåe café bdfghjkmnpqruvwxyz.\n';
    await writeFile(`${trained}.txt`, prose.repeat(20));
    const options = ['--data', `${trained}.txt`, '--out', trained, '--steps', '4', '--batch-size', '4'];
    const tiny = ['--set', `model.units=${UNITS}`, '--set', 'data.windowLength=8'];
    const ended = await runProgram(CHAR_RNN, ['train', '--json', '--backend', 'cpu', ...options, ...tiny]);
    expect(ended).toMatchObject({ status: 0 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('sums capitals and accents, leaves out what is not said, and ends at a full stop', async () => {
    const model = await loadLanguageModel(trained, alphabet);
    const weights = await readCheckpoint(file, { prefix: 'network.' });
    const values: Values = (name) => Array.from(weights.get(name)!.values, Number);
    const probabilities = probabilitiesAfter(values, '. ');
    const found = read(model, [BEGIN])[0]!;
    const sumOf = (characters: string): number =>
      Array.from(characters).reduce((sum, each) => sum + probabilities.get(each)!, 0);
    const share = 1 - sumOf(',');
    for (const [letter, characters] of Object.entries({ t: 'tT', a: 'aAå', e: 'eé', ' ': ' \n' }))
      expect(found[alphabet.ids(letter)[0]!]).toBeCloseTo(Math.log(sumOf(characters) / share), 4);
    expect(found[END]).toBeCloseTo(Math.log(sumOf('.!') / share), 4);
    expect(model.missing).toBe("'");
    // A letter that it lacks is not read; of t and T it reads the likelier one.
    const after = read(model, symbolsOf("t'"));
    expect(after[2]).toEqual(after[1]);
    const likelier = probabilities.get('t')! > probabilities.get('T')! ? 't' : 'T';
    const next = probabilitiesAfter(values, `. ${likelier}`);
    expect(after[1]![alphabet.ids('h')[0]!]).toBeCloseTo(Math.log(next.get('h')! / (1 - next.get(',')!)), 4);
    model.dispose();
  });

  it('is the same from the folder of a run and from its file', async () => {
    const before = tf.memory().numTensors;
    const models = [await loadLanguageModel(trained, alphabet), await loadLanguageModel(file, alphabet)];
    const [ofFolder, ofFile] = models.map((model) => read(model, symbolsOf('the sea')));
    expect(ofFile).toEqual(ofFolder);
    for (const model of models) model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is refused where it is none, in one line', async () => {
    const before = tf.memory().numTensors;
    const refused = (path: string, letters = alphabet): Promise<string> =>
      loadLanguageModel(path, letters).then(
        () => 'accepted',
        (error: unknown) => (error as Error).message,
      );
    expect(await refused(trained, new Alphabet(' ąćęłńśż'))).toContain(
      `${trained}: expected a language model of the letters " ąćęłńśż"`,
    );
    expect(await refused(folder)).toBe(
      `${folder}: expected the folder of a char-rnn run, with checkpoints/best, found none`,
    );
    expect(await refused(join(folder, 'missing.safetensors'))).toContain('missing.safetensors: expected');
    expect(tf.memory().numTensors).toBe(before);
  });
});
