"""Gradient boosting and random forests of scikit-learn on the folds of a run, beside the run's own methods.

    python trees.py RUN/cross-validation.json [DATA.csv]

Prints the means over the folds, the network's difference to each method with Nadeau and Bengio's corrected standard
error, and how far the run's own plain logistic regression is from scikit-learn's.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HIGH = ["Low", "Medium", "High", "Very_High"]
LEVELS = {
    "Education": ["Below_College", "College", "Bachelor", "Master", "Doctor"],
    "EnvironmentSatisfaction": HIGH,
    "JobInvolvement": HIGH,
    "JobSatisfaction": HIGH,
    "RelationshipSatisfaction": HIGH,
    "PerformanceRating": ["Low", "Good", "Excellent", "Outstanding"],
    "WorkLifeBalance": ["Bad", "Good", "Better", "Best"],
}
SCORES = {
    "areaUnderCurve": roc_auc_score,
    "averagePrecision": average_precision_score,
    "brier": brier_score_loss,
    "loss": log_loss,
}


def read(path):
    table = pd.read_csv(path)
    labels = (table.pop("Attrition") == "Yes").to_numpy().astype(int)
    for column, words in LEVELS.items():
        table[column] = table[column].map({word: rank + 1 for rank, word in enumerate(words)})
    return table, labels


def methods(table):
    numbers = [name for name in table if pd.api.types.is_numeric_dtype(table[name])]
    words = [name for name in table if name not in numbers]
    one_hot = ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words)

    def inputs(scaler="passthrough"):
        return ColumnTransformer([one_hot, ("numbers", scaler, numbers)])

    return {
        "logistic": lambda: make_pipeline(inputs(StandardScaler()), LogisticRegression(tol=1e-8, max_iter=5000)),
        "boosting": lambda: make_pipeline(inputs(), HistGradientBoostingClassifier(random_state=0)),
        "boostingTuned": lambda: make_pipeline(
            inputs(),
            HistGradientBoostingClassifier(
                learning_rate=0.05, max_iter=150, max_leaf_nodes=4, l2_regularization=5, random_state=0
            ),
        ),
        "forest": lambda: make_pipeline(inputs(), RandomForestClassifier(300, min_samples_leaf=2, random_state=0)),
    }


def main():
    run = json.loads(Path(sys.argv[1]).read_text())
    default = Path(__file__).parent.parent / "data" / "hr-attrition.csv"
    table, labels = read(sys.argv[2] if len(sys.argv) > 2 else default)
    network = run["scores"]["network"]
    for name, create in methods(table).items():
        found = {metric: [] for metric in SCORES}
        for folds in map(np.array, run["folds"]):
            for fold in range(folds.max() + 1):
                training, test = folds != fold, folds == fold
                model = create().fit(table[training], labels[training])
                probabilities = model.predict_proba(table[test])[:, 1]
                for metric, score in SCORES.items():
                    found[metric].append(score(labels[test], probabilities))
        cells = []
        for metric, values in found.items():
            differences = np.array(network[metric]) - values
            error = np.sqrt((1 / len(differences) + run["testRatio"]) * differences.var(ddof=1))
            cells.append(f"{metric} {np.mean(values):.4f} (network {differences.mean():+.4f} ± {error:.4f})")
        print(name.ljust(14), "  ".join(cells), flush=True)
        if name in run["scores"]:
            gaps = [np.abs(np.array(run["scores"][name][metric]) - found[metric]).max() for metric in SCORES]
            print(f"  largest difference to the run's own: {max(gaps):.1e}")


if __name__ == "__main__":
    main()
