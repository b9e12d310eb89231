import { RandomNumbers } from '@motley/run';
import { drawTexts, type TextCounts, type TextKind, type TextSources } from '../texts/draw-texts.ts';
import type { Delivery, Synthesizer, SynthesizerName, Voice } from './synthesizer.ts';
import { splitVoices, type VoiceSplit } from './voices.ts';

/** Parts of the corpus. All but the first are held out. */
export const SET_NAMES = [
  ...(['training', 'validation', 'seen voices', 'unseen voices', 'unseen words', 'other synthesizer'] as const),
  ...(['isolated words', 'long'] as const),
] as const;
export type SetName = (typeof SET_NAMES)[number];

/** An utterance before it is spoken. */
export interface PlannedUtterance {
  readonly id: string;
  readonly set: SetName;
  readonly kind: TextKind;
  readonly text: string;
  readonly synthesizer: SynthesizerName;
  readonly delivery: Delivery;
}

/** How deliveries vary. */
export interface DeliverySettings {
  readonly wordsPerMinute: readonly [least: number, most: number];
  /** Farthest from the voice's own pitch. */
  readonly pitchInSemitones: number;
  readonly pitchRange: readonly [least: number, most: number];
}

export interface CorpusSettings extends DeliverySettings {
  readonly seed: number;
  /** Numbers of texts. */
  readonly texts: TextCounts;
  /** Texts of the test that the other synthesizer says. */
  readonly otherSynthesizer: number;
  /** Numbers of voices. */
  readonly voices: { readonly learned: number; readonly unseen: number };
  /** Voices that speak each isolated word: of the learned ones, and of the unseen ones. */
  readonly isolatedVoices: { readonly learned: number; readonly unseen: number };
}

/** 12,240 utterances, about six hours. */
export const corpusDefaults: CorpusSettings = {
  seed: 1,
  texts: { training: 10_000, validation: 300, test: 400, unseenWords: 400, isolatedWords: 50, long: 40 },
  otherSynthesizer: 200,
  voices: { learned: 60, unseen: 20 },
  isolatedVoices: { learned: 6, unseen: 4 },
  wordsPerMinute: [130, 210],
  pitchInSemitones: 3,
  pitchRange: [0.6, 1.4],
};

/** Plan of a corpus: who says what, and how. */
export interface CorpusPlan {
  readonly voices: VoiceSplit;
  readonly utterances: readonly PlannedUtterance[];
}

/**
 * Plans the corpus. It depends on nothing but the arguments.
 * @param main synthesizer of all sets but one
 * @param other synthesizer of the set `other synthesizer`, which says the texts of `seen voices`; without it, the set is
 *   empty
 * @throws UserError where the sources have too few texts
 */
export function planCorpus(
  sources: TextSources,
  main: Pick<Synthesizer, 'name' | 'voices'>,
  other: Pick<Synthesizer, 'name' | 'voices'> | undefined,
  settings: CorpusSettings = corpusDefaults,
): CorpusPlan {
  const random = RandomNumbers.fromSeed(settings.seed);
  const texts = drawTexts(sources, settings.texts, random.fork('texts'));
  const voices = splitVoices(main.voices, settings.voices, random.fork('voices'));
  const isolated = (speakers: readonly Voice[], count: number): [string, Voice][] =>
    speakers.slice(0, count).flatMap((voice) => texts.isolatedWords.map((word): [string, Voice] => [word, voice]));
  const utterances: PlannedUtterance[] = [];
  const add = (set: SetName, kind: TextKind, text: string, synthesizer: SynthesizerName, voice: Voice): void => {
    // Each utterance has a stream of its own, so a larger set begins with the utterances of a smaller one.
    const index = utterances.length;
    const delivery = drawDelivery(voice, settings, random.fork('deliveries').fork(`${set} ${text} ${voice.name}`));
    utterances.push({ id: `${set.replaceAll(' ', '-')}-${index}`, set, kind, text, synthesizer, delivery });
  };
  const addAll = (
    set: SetName,
    spoken: readonly { readonly text: string; readonly kind: TextKind }[],
    by: Pick<Synthesizer, 'name'>,
    speakers: readonly Voice[],
  ): void => {
    const turns = takeTurns(speakers, random.fork(`speakers of ${set}`));
    for (const { text, kind } of spoken) add(set, kind, text, by.name, turns.next().value);
  };
  addAll('training', texts.training, main, voices.learned);
  addAll('validation', texts.validation, main, voices.learned);
  addAll('seen voices', texts.test, main, voices.learned);
  addAll('unseen voices', texts.test, main, voices.unseen);
  addAll('unseen words', texts.unseenWords, main, voices.learned);
  if (other !== undefined)
    addAll('other synthesizer', texts.test.slice(0, settings.otherSynthesizer), other, other.voices);
  for (const [word, voice] of [
    ...isolated(voices.learned, settings.isolatedVoices.learned),
    ...isolated(voices.unseen, settings.isolatedVoices.unseen),
  ])
    add('isolated words', 'words', word, main.name, voice);
  addAll('long', texts.long, main, voices.learned);
  return { voices, utterances };
}

/** Whole rounds of all voices, each in a new order, so every voice says equally many texts. */
function* takeTurns(voices: readonly Voice[], random: RandomNumbers): Generator<Voice, never> {
  for (;;) for (const index of random.permutation(voices.length)) yield voices[index]!;
}

function drawDelivery(voice: Voice, settings: DeliverySettings, random: RandomNumbers): Delivery {
  const [speed, pitch, range] = Array.from(random.uniformValues(3)) as [number, number, number];
  const between = ([least, most]: readonly [number, number], share: number): number => least + share * (most - least);
  // Rounded as espeak-ng takes them, so that a record of them is exact.
  return {
    voice: voice.name,
    wordsPerMinute: Math.round(between(settings.wordsPerMinute, speed)),
    pitchInSemitones: round(between([-settings.pitchInSemitones, settings.pitchInSemitones], pitch)),
    pitchRange: round(between(settings.pitchRange, range)),
  };
}

const round = (value: number): number => Math.round(100 * value) / 100;

/**
 * Plans the speech of texts from elsewhere, as for pretraining on another language.
 * @param voices voices that take turns
 */
export function planTexts(
  texts: readonly string[],
  synthesizer: Pick<Synthesizer, 'name'>,
  voices: readonly Voice[],
  settings: DeliverySettings & Pick<CorpusSettings, 'seed'> = corpusDefaults,
): PlannedUtterance[] {
  const random = RandomNumbers.fromSeed(settings.seed);
  const turns = takeTurns(voices, random.fork('speakers'));
  return texts.map((text, index) => {
    const voice = turns.next().value;
    const delivery = drawDelivery(voice, settings, random.fork('deliveries').fork(index));
    return { id: `training-${index}`, set: 'training', kind: 'book', text, synthesizer: synthesizer.name, delivery };
  });
}
