"""Reference values for `tf-idf.test.ts`: python tf-idf.reference.py > tf-idf.reference.json (scikit-learn 1.7)."""

import json

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def words(count, offset):
    lines = []
    for row in range(count):
        symbols = [2 + ((row + offset) * (place + 3) + place * place) % 11 for place in range(6 - row % 3)]
        lines.append(" ".join(f"w{symbol}" for symbol in symbols))
    return lines, [(row + offset) % 3 for row in range(count)]


def probabilities(longest):
    vectorizer = TfidfVectorizer(ngram_range=(1, longest), min_df=2)
    training, labels = words(40, 0)
    classifier = LogisticRegression(C=1, tol=1e-9, max_iter=5000)
    classifier.fit(vectorizer.fit_transform(training), labels)
    return classifier.predict_proba(vectorizer.transform(words(10, 40)[0])).flatten().tolist()


if __name__ == "__main__":
    print(json.dumps({longest: probabilities(longest) for longest in (1, 2)}))
