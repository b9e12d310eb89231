const CONSONANTS = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z'];
const VOWELS = ['a', 'e', 'i', 'o', 'u'];
const SYLLABLES = CONSONANTS.flatMap((consonant) => VOWELS.map((vowel) => consonant + vowel));

/** Names of the words of a language, two or three syllables each, all different. */
export function inventedWords(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const digits: string[] = [];
    for (let rest = index; rest > 0 || digits.length < 2; rest = Math.floor(rest / SYLLABLES.length))
      digits.unshift(SYLLABLES[(rest * 29 + 11) % SYLLABLES.length]!);
    return digits.join('');
  });
}
