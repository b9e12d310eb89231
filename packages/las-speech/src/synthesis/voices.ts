import type { RandomNumbers } from '@motley/run';
import type { Voice } from './synthesizer.ts';

/** Unseen timbres of one family. */
const MOST_OF_FAMILY = 2;

export interface VoiceSplit {
  /** Voices of the training. */
  readonly learned: readonly Voice[];
  /** Voices that no training hears, and whose family it does not hear with any accent. */
  readonly unseen: readonly Voice[];
}

/**
 * Splits voices by family. A voice is a timbre (the name without its accent) with one accent: accents go round, so both
 * parts have all of them. No timbre occurs twice before each has occurred once. A family gives the unseen voices two
 * timbres at most, so that a large one does not stand for all; its others are not used.
 * @param counts voices of each part, at most: of four families or fewer, one is unseen
 */
export function splitVoices(
  voices: readonly Voice[],
  counts: { readonly learned: number; readonly unseen: number },
  random: RandomNumbers,
): VoiceSplit {
  const families = new Map<string, Map<string, Voice[]>>();
  for (const voice of voices) {
    const timbre = voice.name.startsWith(voice.accent) ? voice.name.slice(voice.accent.length) : voice.name;
    const timbres = families.get(voice.family) ?? new Map<string, Voice[]>();
    families.set(voice.family, timbres);
    timbres.set(timbre, [...(timbres.get(timbre) ?? []), voice]);
  }
  const order = random.fork('families').shuffle([...families.values()].map((timbres) => [...timbres.values()]));
  const unseen: Voice[][] = [];
  const most = Math.min(counts.unseen, Math.max(1, Math.floor(voices.length / 4)));
  while (unseen.length < most && order.length > 1)
    for (const timbre of order.pop()!.slice(0, MOST_OF_FAMILY)) unseen.push(timbre);
  const learned = random.fork('timbres').shuffle(order.flat());
  return { learned: withAccents(learned, counts.learned), unseen: withAccents(unseen, most) };
}

/** Takes voices from timbres in turn, each with the next accent. */
function withAccents(timbres: readonly (readonly Voice[])[], count: number): Voice[] {
  const chosen: Voice[] = [];
  const rounds = timbres[0]?.length ?? 0;
  for (let round = 0; round < rounds; round++)
    for (const [index, timbre] of timbres.entries())
      if (chosen.length < count) chosen.push(timbre[(index + round) % timbre.length]!);
  return chosen;
}
