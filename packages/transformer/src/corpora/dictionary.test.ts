import { describe, expect, it } from 'vitest';
import { parseDictionary } from './dictionary.ts';

const parsed = (...lines: string[]) => parseDictionary(lines.join('\n')).pairs;
const texts = (...lines: string[]) => parsed(...lines).map(({ english, german }) => [english, german]);

describe('parseDictionary', () => {
  it('reads sentences and phrases, with their kind', () => {
    expect(parsed('Das ist ein Baum. :: This is a tree.', 'alter Baum :: old tree')).toEqual([
      { english: 'This is a tree.', german: 'Das ist ein Baum.', kind: 'sentence' },
      { english: 'old tree', german: 'alter Baum', kind: 'phrase' },
    ]);
    expect(parsed('»Wo bist du?« :: "Where are you?"')[0]!.kind).toBe('phrase'); // the quotes are not those of both
    expect(parsed('„Wo bist du?“ :: "Where are you?"')[0]!.kind).toBe('sentence');
  });

  it('pairs the parts between bars, and takes the first synonym', () => {
    expect(
      texts(
        'Baum {m}; Gehölz {n} [bot.] | alter Baum; betagter Baum | Bäume {pl} :: tree | old tree; aged tree | trees',
      ),
    ).toEqual([['old tree', 'alter Baum']]);
  });

  it('removes annotations', () => {
    expect(texts('der Baum {m} (im Garten) [bot.] <Bäumchen> ist hoch :: the tree (there) is tall [coll.]')).toEqual([
      ['the tree is tall', 'der Baum ist hoch'],
    ]);
  });

  it('normalizes spaces before punctuation, apostrophes, and combining characters', () => {
    expect(texts('Wir  sehen Ba\u0308ume . :: We don’t  see trees (here) .')).toEqual([
      ["We don't see trees.", 'Wir sehen Bäume.'],
    ]);
  });

  it.each([
    ['single words', 'Baum {m} :: tree'],
    ['patterns', 'etw. sehen müssen :: to have to see sth.'],
    ['patterns with a person', 'jdm. den Baum zeigen :: to show sb. the tree'],
    ['choices', 'sich/mich im Baum sehen :: to see oneself/myself in the tree'],
    ['what is left open', 'Es war einmal … :: once upon a time …'],
    ['parts that do not correspond', 'der Baum | die alten Bäume :: the tree'],
    ['sides of very different lengths', 'am Baum :: at the place where there is the tall tree'],
    ['comments', '# die Lizenz :: the licence'],
    ['lines without two sides', 'der alte Baum'],
    ['lines with three sides', 'der Baum :: the tree :: der Baum'],
    ['empty lines', ''],
  ])('leaves out %s', (_, line) => {
    expect(texts(line)).toEqual([]);
  });

  it('has the most frequent translation of each word, and verbs without to', () => {
    const { words } = parseDictionary(
      [
        'Baum {m} | Bäume {pl} :: Tree | trees',
        'Holz {n} :: tree',
        'Baum :: tree',
        'sehen :: to see',
        'alter Baum :: old tree',
      ].join('\n'),
    );
    expect(Object.fromEntries(words)).toEqual({ tree: 'Baum', trees: 'Bäume', see: 'sehen' });
  });

  it('keeps the first pair of those with the same English', () => {
    expect(texts('der alte Baum :: the old tree', 'der betagte Baum :: the old tree')).toEqual([
      ['the old tree', 'der alte Baum'],
    ]);
  });
});
