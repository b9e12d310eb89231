import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { espeakVoices, parseVoiceTable } from './espeak-voices.ts';
import { fliteVoices } from './flite-voices.ts';
import { splitVoices } from './voices.ts';

const VOICE_TABLE = `Pty Language       Age/Gender VoiceName          File                 Other Languages
 2  en-gb           --/M      English_(Great_Britain) gmw/en               (en 2)
 3  en-uk           --/M      english-mb-en1     mb/mb-en1            (en-gb 3)(en 2)
 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  variant         --/M      Storm              !v/Storm             (en-us 5)
`;
const names = ['Mr serious', 'steph', 'steph2', 'steph3', 'm1', 'm2', 'f1', 'f2', 'fast', 'zac', 'whisper', 'whisperf'];
const variants = `Pty Language       Age/Gender VoiceName          File                 Other Languages
${names.map((name) => ` 5  variant         --/M      ${name.replace(' ', '_')}               !v/${name}             `).join('\n')}
`;

describe('voices of espeak-ng', () => {
  it('are read from its tables, names with spaces too', () => {
    expect(parseVoiceTable(VOICE_TABLE)[1]).toEqual({ language: 'en-uk', file: 'mb/mb-en1' });
    expect(parseVoiceTable(variants)[0]).toEqual({ language: 'variant', file: '!v/Mr serious' });
  });

  it('are accents times variants, without those that are left out', () => {
    const voices = espeakVoices('en', VOICE_TABLE, variants);
    expect(voices.length).toBe(2 * 11);
    expect(voices[1]).toEqual({ name: 'en-gb+Mr serious', accent: 'en-gb', family: 'mr serious' });
    expect(voices.filter(({ name }) => /fast|zac|mb|Storm/.test(name))).toEqual([]);
    expect(new Set(voices.filter(({ name }) => /steph|whisper/.test(name)).map(({ family }) => family)).size).toBe(2);
  });
});

describe('the split of voices', () => {
  const voices = espeakVoices('en', VOICE_TABLE, variants);
  const { learned, unseen } = splitVoices(voices, { learned: 8, unseen: 4 }, RandomNumbers.fromSeed(1));

  it('lets no training hear a family that is held out', () => {
    expect([learned.length, unseen.length]).toEqual([8, 4]);
    const heard = new Set(learned.map(({ family }) => family));
    expect(unseen.filter(({ family }) => heard.has(family))).toEqual([]);
    const perFamily = [...heard].map((family) => unseen.filter((voice) => voice.family === family).length);
    expect(perFamily.every((count) => count <= 2)).toBe(true);
  });

  it('names no voice twice, has all accents, and depends on the seed alone', () => {
    expect(new Set([...learned, ...unseen].map(({ name }) => name)).size).toBe(12);
    for (const part of [learned, unseen]) expect(new Set(part.map(({ accent }) => accent)).size).toBe(2);
    expect(splitVoices(voices, { learned: 8, unseen: 4 }, RandomNumbers.fromSeed(1))).toEqual({ learned, unseen });
    expect(splitVoices(voices, { learned: 8, unseen: 4 }, RandomNumbers.fromSeed(2)).unseen).not.toEqual(unseen);
  });

  it('holds out one voice of flite', () => {
    const split = splitVoices(fliteVoices, { learned: 60, unseen: 20 }, RandomNumbers.fromSeed(1));
    expect([split.learned.length, split.unseen.length]).toEqual([3, 1]);
  });
});
