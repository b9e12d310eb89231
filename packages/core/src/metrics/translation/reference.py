"""sacreBLEU scores of random sentences: `python reference.py > reference.json` (sacrebleu 2.6.0)."""

import json
import random

from sacrebleu.metrics import BLEU, CHRF

random.seed(9)
WORDS = (
    "Ein Mann reitet auf einem Pferd . Die Frau , der 3,5 10.000 1-2 (siehe) &quot;so&quot; Tom's U.S.A. "
    "über-all Straße „ja“ nein! was? a/b 50% $5 x=y [1] <skipped> &amp; don't end-\nlich \u00a0 é 🙂 zwölf\u2003elf :-) 7."
).split(" ")


def sentence(words):
    return " ".join(random.choice(WORDS) for _ in range(words))


def noisy(text):
    words = text.split(" ")
    for _ in range(random.randrange(4)):
        at = random.randrange(len(words) + 1)
        change = random.randrange(3)
        if change == 0:
            words.insert(at, random.choice(WORDS))
        elif words and change == 1:
            del words[min(at, len(words) - 1)]
        elif words:
            words[min(at, len(words) - 1)] = random.choice(WORDS)
    return " ".join(words)


def case():
    count = random.choice([1, 1, 2, 5, 20])
    streams = random.choice([1, 1, 3])
    references = [[sentence(random.randrange(0 if streams == 1 else 1, 14)) for _ in range(streams)] for _ in range(count)]
    hypotheses = [noisy(random.choice(each)) if random.random() < 0.9 else sentence(3) for each in references]
    return hypotheses, references


def main():
    cases = []
    for _ in range(150):
        hypotheses, references = case()
        by_stream = [list(stream) for stream in zip(*references)]
        bleu = BLEU().corpus_score(hypotheses, by_stream)
        cases.append(
            {
                "hypotheses": hypotheses,
                "references": references,
                "bleu": bleu.score,
                "precisions": bleu.precisions,
                "brevityPenalty": bleu.bp,
                "hypothesisLength": bleu.sys_len,
                "referenceLength": bleu.ref_len,
                "sentenceBleu": BLEU(effective_order=True).sentence_score(hypotheses[0], references[0]).score,
                "chrf": CHRF().corpus_score(hypotheses, by_stream).score,
                "chrfPlusPlus": CHRF(word_order=2).corpus_score(hypotheses, by_stream).score,
            }
        )
    print(json.dumps(cases, ensure_ascii=False))


main()
