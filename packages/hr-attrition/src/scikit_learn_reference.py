"""Reference values of scikit-learn and shap for the tests: python scikit_learn_reference.py > scikit-learn-reference.json
(scikit-learn 1.9.1, shap 0.51.0).
"""

import json

import numpy as np
import shap
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.preprocessing import SplineTransformer


def formula(seed, *shape):
    return np.sin(np.arange(np.prod(shape)) * 0.37 + seed).reshape(shape)


def logistic(labels, c):
    model = LogisticRegression(C=c, tol=1e-10, max_iter=10_000).fit(X, labels)
    return {"coefficients": model.coef_.tolist(), "intercepts": model.intercept_.tolist()}


def splines(values, knots):
    transformer = SplineTransformer(n_knots=knots, knots="quantile", extrapolation="constant")
    return transformer.fit(values[:, None]).transform(np.array([-2.0, -0.5, 0.1, 0.77, 3.0])[:, None]).tolist()


def game(rows):
    a, b, c, d = rows.T
    return 1 / (1 + np.exp(-(a * b + np.sin(2 * c) - d + 0.5 * a * c * d)))


X = formula(1, 40, 3)
two = (formula(2, 40) + X[:, 0] > 0.1).astype(int)
three = np.digitize(formula(3, 40) + X[:, 1], [-0.4, 0.5])
number = X @ [1.0, -2.0, 0.5] + formula(4, 40)
ridge = Ridge(alpha=2.0).fit(X, number)
scores = np.round(1 / (1 + np.exp(-3 * formula(5, 40))), 1)
clipped = np.clip(scores, 0.05, 0.95)
background, rows = formula(6, 7, 4), formula(8, 3, 4)
explainer = shap.explainers.Exact(game, shap.maskers.Independent(background, max_samples=7))

print(
    json.dumps(
        {
            "binary": {"labels": two.tolist(), **logistic(two, 0.7)},
            "multiClass": {"labels": three.tolist(), **logistic(three, 0.7)},
            "number": {
                "labels": number.tolist(),
                "coefficients": [ridge.coef_.tolist()],
                "intercepts": [float(ridge.intercept_)],
            },
            "splines": splines(formula(9, 50), 5),
            "metrics": {
                "scores": clipped.tolist(),
                "areaUnderCurve": roc_auc_score(two, clipped),
                "averagePrecision": average_precision_score(two, clipped),
                "brier": brier_score_loss(two, clipped),
                "loss": log_loss(two, clipped),
            },
            "shapley": explainer(rows).values.tolist(),
        }
    )
)
