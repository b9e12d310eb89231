/**
 * A language with a known Bayes rate. Each class (a party and a word taken out) has Zipf background words of its own,
 * slightly skewed, and phrases: a first word and a second word. First words fall into G groups of synonyms, second words
 * too, and a class pairs the groups by its own permutation. A single word of a phrase thus tells nothing, a pair tells
 * which classes are possible, and several pairs together tell the class.
 */
import { RandomNumbers } from '@motley/run';
import { CumulativeTable } from './cumulative-table.ts';

export interface LanguageSettings {
  readonly classes: number;
  /** Groups of synonyms on each side of a phrase. */
  readonly groups: number;
  /** Synonyms in each group. */
  readonly synonyms: number;
  /** Background words; the words of phrases are among them too. */
  readonly backgroundWords: number;
  /** Probability that a phrase starts at a position with room for one. */
  readonly phraseRate: number;
  /** Standard deviation of the logarithm of a background word's frequency between classes. */
  readonly topicSkew: number;
  /** Most background words between the two words of a phrase. */
  readonly largestGap: number;
  /** Shortest and longest text, in words. */
  readonly lengths: readonly [shortest: number, longest: number];
  readonly seed: number;
}

/** Texts of a language. Symbol 0 is padding, and word w of the language is symbol w + `FIRST_WORD`. */
interface DrawnTexts {
  /** [N, T], T the longest length */
  readonly symbols: Int32Array;
  /** [N] */
  readonly labels: Int32Array;
}

/** Symbols before the first word: padding, and unknown words. */
export const FIRST_WORD = 2;
const NO_GROUP = -1;
/** Random numbers drawn at once for a text: length, then a few for each word. */
const NUMBERS_PER_WORD = 4;

export class Language {
  readonly settings: LanguageSettings;
  readonly wordCount: number;
  /** [words]: group of a first word, or -1. */
  readonly firstGroups: Int32Array;
  /** [words]: group of a second word, or -1. */
  readonly secondGroups: Int32Array;
  /** [classes, groups]: group of second words that each group of first words is paired with. */
  readonly partners: Int32Array;
  /** [classes, words]: probabilities of background words. */
  readonly background: Float64Array;
  readonly #tables: readonly CumulativeTable[];
  readonly #firstWords: readonly (readonly number[])[];
  readonly #secondWords: readonly (readonly number[])[];

  constructor(settings: LanguageSettings) {
    const { classes, groups, synonyms, backgroundWords, seed, topicSkew } = settings;
    const random = RandomNumbers.fromSeed(seed).fork('language');
    this.settings = settings;
    const phraseWords = groups * synonyms;
    this.wordCount = backgroundWords + 2 * phraseWords;
    // The words in a random order, so that those of phrases have any frequency in the background.
    const places = random.fork('places').permutation(this.wordCount);
    this.firstGroups = new Int32Array(this.wordCount).fill(NO_GROUP);
    this.secondGroups = new Int32Array(this.wordCount).fill(NO_GROUP);
    for (let index = 0; index < phraseWords; index++) {
      this.firstGroups[places[index]!] = index % groups;
      this.secondGroups[places[phraseWords + index]!] = index % groups;
    }
    this.#firstWords = membersOf(this.firstGroups, groups);
    this.#secondWords = membersOf(this.secondGroups, groups);
    this.partners = Int32Array.from(
      Array.from({ length: classes }, (_, label) => [
        ...random.fork('partners').fork(label).permutation(groups),
      ]).flat(),
    );
    this.background = new Float64Array(classes * this.wordCount);
    for (let label = 0; label < classes; label++) {
      const skews = random.fork('skews').fork(label).normalValues(this.wordCount, 0, topicSkew);
      const weights = Float64Array.from(skews, (skew, word) => Math.exp(skew) / (word + 1));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [word, weight] of weights.entries()) this.background[label * this.wordCount + word] = weight / total;
    }
    this.#tables = Array.from({ length: classes }, (_, label) => new CumulativeTable(this.backgroundOf(label)));
  }

  /** [words]: background of one class. */
  backgroundOf(label: number): Float64Array {
    return this.background.subarray(label * this.wordCount, (label + 1) * this.wordCount);
  }

  /** Draws texts of uniform classes. */
  draw(count: number, random: RandomNumbers): DrawnTexts {
    const { classes, lengths } = this.settings;
    const [shortest, longest] = lengths;
    const labels = random.fork('labels').integers(count, 0, classes);
    const sizes = random.fork('lengths').integers(count, shortest, longest + 1);
    const numbers = random.fork('words');
    const symbols = new Int32Array(count * longest);
    for (const [row, label] of labels.entries())
      this.#write(symbols.subarray(row * longest, row * longest + sizes[row]!), label, numbers);
    return { symbols, labels };
  }

  #write(output: Int32Array, label: number, random: RandomNumbers): void {
    const { groups, synonyms, phraseRate, largestGap } = this.settings;
    const numbers = random.uniformValues(output.length * NUMBERS_PER_WORD);
    let drawn = 0;
    const choose = (count: number): number => Math.min(count - 1, Math.floor(numbers[drawn++]! * count));
    const table = this.#tables[label]!;
    for (let place = 0; place < output.length;) {
      const hasRoom = place + 2 + largestGap <= output.length;
      if (hasRoom && numbers[drawn++]! < phraseRate) {
        const group = choose(groups);
        const gap = choose(largestGap + 1);
        output[place++] = FIRST_WORD + this.#firstWords[group]![choose(synonyms)]!;
        for (let between = 0; between < gap; between++) output[place++] = FIRST_WORD + table.find(numbers[drawn++]!);
        const partner = this.partners[label * groups + group]!;
        output[place++] = FIRST_WORD + this.#secondWords[partner]![choose(synonyms)]!;
      } else output[place++] = FIRST_WORD + table.find(numbers[drawn++]!);
    }
  }
}

function membersOf(groupOfWord: Int32Array, groups: number): number[][] {
  const members = Array.from({ length: groups }, (): number[] => []);
  for (const [word, group] of groupOfWord.entries()) if (group >= 0) members[group]!.push(word);
  return members;
}
