"""Error rates of jiwer for `error-rates.test.ts`: python error-rates.reference.py > error-rates.reference.json
(jiwer 4.0.0)."""

import json
import random

import jiwer

random.seed(7)
LETTERS = "abcdef '"


def text(least, most):
    """A text without white space at its ends, which jiwer would strip."""
    while True:
        drawn = "".join(random.choice(LETTERS) for _ in range(random.randint(least, most)))
        if drawn and drawn == " ".join(drawn.split()):
            return drawn


def heard(reference):
    """The text with letters lost, added and replaced."""
    while True:
        letters = []
        for letter in reference:
            draw = random.random()
            if draw < 0.1:
                continue
            letters.append(random.choice(LETTERS) if draw < 0.2 else letter)
            if draw > 0.92:
                letters.append(random.choice(LETTERS))
        hypothesis = "".join(letters)
        if hypothesis == " ".join(hypothesis.split()):
            return hypothesis


WRITTEN = [
    ("the cat sat on the mat", "the cat sat on the mat"),
    ("the cat sat on the mat", "a cat sit on mat mat"),
    ("kitten", "sitting"),
    ("one two three", ""),
    ("naïve café", "naive cafe"),
    ("příliš žluťoučký kůň", "příliš žluťoučky kuň"),
    ("😀 ok", "ok"),
    ("a", "a b c d e"),
    ("it's its", "its it's"),
]
pairs = WRITTEN + [(reference, heard(reference)) for reference in (text(1, 30) for _ in range(60))]
pairs += [(text(1, 20), text(1, 20)) for _ in range(20)]


def edits(output):
    return {name: getattr(output, name) for name in ("hits", "substitutions", "insertions", "deletions")}


def measured(references, hypotheses):
    characters = jiwer.process_characters(references, hypotheses)
    words = jiwer.process_words(references, hypotheses)
    return {
        "characters": {"rate": characters.cer, **edits(characters)},
        "words": {"rate": words.wer, **edits(words)},
    }


references, hypotheses = zip(*pairs)
print(
    json.dumps(
        {
            "pairs": [
                [
                    reference,
                    hypothesis,
                    *(
                        sum(value for name, value in edits(process(reference, hypothesis)).items() if name != "hits")
                        for process in (jiwer.process_characters, jiwer.process_words)
                    ),
                ]
                for reference, hypothesis in pairs
            ],
            "all": measured(list(references), list(hypotheses)),
            "written": measured([reference for reference, _ in WRITTEN], [hypothesis for _, hypothesis in WRITTEN]),
        },
        ensure_ascii=False,
    )
)
